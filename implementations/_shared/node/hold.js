// The wait of /delay.

import { setTimeout } from "node:timers/promises";

/** Waits for at least so long; a timer of Node may fire up to a millisecond early. */
export async function hold(milliseconds) {
  const due = performance.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = due - performance.now()) {
    await setTimeout(Math.ceil(left));
  }
}
