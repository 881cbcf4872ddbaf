import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import * as story from "./story.mjs";

const sockets = createClient({
  url: story.socket,
  webSocketImpl: WebSocket,
  connectionParams: () => ({ Authorization: story.authorization() }),
});
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(sockets),
    new HttpLink({ uri: story.http, headers: { authorization: story.authorization() } }),
  ),
});

const dashboard = await client.query({ query: gql(story.DASHBOARD) });
story.say("dashboard", dashboard.data.me);

const values = new story.Values();
client.subscribe({ query: gql(story.CHANGED) }).subscribe({
  next: (result) => values.push(result.data.meChanged),
  error: story.fail,
});
story.say("first", (await values.next()).points.available);

const made = await client.mutate({ mutation: gql(story.CHECK_IN) });
story.say("checkIn", made.data.checkIn);
const now = await values.until((value) => value.points.available !== dashboard.data.me.points.available);
story.say("changed", now.points.available);
// The stream has brought the cache up to date, so that nothing is asked of the server.
const cached = gql`{ me { id points { available } } }`;
story.say("cached", client.readQuery({ query: cached }).me.points.available);

const redeem = (key) => client.mutate({ mutation: gql(story.REDEEM), variables: story.input(key) });
const bought = (await redeem("apollo 1")).data.redeemReward;
story.say("redeemed", [bought.redemption.pricePoints, bought.member.points.available]);
story.say("again", (await redeem("apollo 1")).data.redeemReward.redemption.id === bought.redemption.id);
story.say("refused", (await redeem("apollo 2")).data.redeemReward.refusal);
const left = await values.until((value) => value.points.available === bought.member.points.available);
story.say("left", left.points.available);

client.stop();
await sockets.dispose();
