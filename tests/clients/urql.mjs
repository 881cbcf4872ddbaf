import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import * as story from "./story.mjs";

const sockets = createClient({
  url: story.socket,
  webSocketImpl: WebSocket,
  connectionParams: () => ({ Authorization: story.authorization() }),
});
const client = new Client({
  url: story.http,
  preferGetMethod: false,
  fetchOptions: () => ({ headers: { authorization: story.authorization() } }),
  exchanges: [
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
      }),
    }),
    fetchExchange,
  ],
});

async function run(kind, document, variables = {}) {
  const result = await client[kind](document, variables).toPromise();
  if (result.error) story.fail(result.error);
  return result.data;
}

const { me } = await run("query", story.DASHBOARD);
story.say("dashboard", me);

const values = new story.Values();
const stream = client.subscription(story.CHANGED, {}).subscribe((result) => {
  if (result.error) story.fail(result.error);
  values.push(result.data.meChanged);
});
story.say("first", (await values.next()).points.available);

story.say("checkIn", (await run("mutation", story.CHECK_IN)).checkIn);
const now = await values.until((value) => value.points.available !== me.points.available);
story.say("changed", now.points.available);

const redeem = async (key) => (await run("mutation", story.REDEEM, story.input(key))).redeemReward;
const bought = await redeem("urql 1");
story.say("redeemed", [bought.redemption.pricePoints, bought.member.points.available]);
story.say("again", (await redeem("urql 1")).redemption.id === bought.redemption.id);
story.say("refused", (await redeem("urql 2")).refusal);
const left = await values.until((value) => value.points.available === bought.member.points.available);
story.say("left", left.points.available);

stream.unsubscribe();
await sockets.dispose();
