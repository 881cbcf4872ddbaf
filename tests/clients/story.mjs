// What each client is asked to do, and how it says what it saw: one JSON line for each step.
import { readFileSync } from "node:fs";

export const http = process.env.ACCRUE_HTTP;
export const socket = process.env.ACCRUE_SOCKET;
export const authorization = () => `Bearer ${process.env.ACCRUE_TOKEN}`;

export const DASHBOARD = readFileSync(process.env.ACCRUE_DASHBOARD, "utf8");
export const CHECK_IN = `mutation CheckIn {
  checkIn { checkIn { pointsAwarded streakDays } refusal { code } }
}`;
export const REDEEM = `mutation Redeem($input: RedeemRewardInput!) {
  redeemReward(input: $input) {
    redemption { id pricePoints reward { code } }
    member { id points { available } }
    refusal { code message ... on InsufficientPoints { available required } }
  }
}`;
export const CHANGED = `subscription Changed { meChanged { id points { available } } }`;
export const input = (idempotencyKey) => ({ input: { rewardCode: "COUPON_10", idempotencyKey } });

export function say(step, value) {
  process.stdout.write(JSON.stringify([step, value]) + "\n");
}

// Values of a stream, waited for one by one.
export class Values {
  #waiting = [];
  #come = [];

  push(value) {
    const next = this.#waiting.shift();
    next ? next(value) : this.#come.push(value);
  }

  next() {
    if (this.#come.length) return Promise.resolve(this.#come.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  // Changes that come together are one value, so what is waited for may be passed through.
  async until(holds) {
    let value = await this.next();
    while (!holds(value)) value = await this.next();
    return value;
  }
}

export function fail(error) {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
}
