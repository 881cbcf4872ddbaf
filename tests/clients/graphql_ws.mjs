// The protocol's own client: what becomes of its stream when the token ends?
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import * as story from "./story.mjs";

const tokens = [process.env.ACCRUE_SHORT_TOKEN, process.env.ACCRUE_TOKEN];
const closed = [];
const client = createClient({
  url: story.socket,
  webSocketImpl: WebSocket,
  retryAttempts: 5,
  retryWait: () => Promise.resolve(),
  connectionParams: () => ({ Authorization: `Bearer ${tokens.shift()}` }),
  on: { closed: (event) => closed.push([event.code, event.reason]) },
});

async function post(query, variables = {}) {
  const response = await fetch(story.http, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: story.authorization() },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()).data;
}

const values = new story.Values();
const stop = client.subscribe(
  { query: story.CHANGED },
  { next: (result) => values.push(result.data.meChanged), error: story.fail, complete: () => {} },
);
story.say("first", (await values.next()).points.available);
// The token ends; the client comes back by itself with the next one, and is told what is.
story.say("again", (await values.next()).points.available);
story.say("closed", closed[0]);

story.say("checkIn", (await post(story.CHECK_IN)).checkIn);
story.say("changed", (await values.next()).points.available);

const denied = createClient({
  url: story.socket,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: { Authorization: "Bearer forged" },
});
denied.subscribe(
  { query: story.CHANGED },
  {
    next: story.fail,
    error: async (event) => {
      story.say("denied", [event.code, event.reason]);
      stop();
      await client.dispose();
    },
    complete: story.fail,
  },
);
