import assert from "node:assert/strict";
import { test } from "node:test";

import { hold } from "./hold.js";
import { WrongSetting, readSettings, shareOfPool } from "./settings.js";

test("the environment is read", () => {
  const read = readSettings({ HOST: "::1", PORT: "0", WORKERS: "2", DATABASE_POOL: "5" });
  assert.deepEqual(
    [read.host, read.port, read.workers, read.databaseUrl, read.databasePool],
    ["::1", 0, 2, undefined, 5],
  );
});

test("a wrong variable is named with its value", () => {
  for (const [name, value] of [
    ["PORT", ""], ["PORT", "http"], ["PORT", "-1"], ["WORKERS", "0"], ["DATABASE_POOL", "1e3"],
  ]) {
    const told = new RegExp(`^${name} is "${value}"`);
    assert.throws(() => readSettings({ [name]: value }), (error) => {
      assert.ok(error instanceof WrongSetting);
      assert.match(error.message, told);
      return true;
    });
  }
});

test("shares of a pool come to the whole of it", () => {
  for (const [total, workers] of [[16, 1], [16, 3], [2, 4]]) {
    const numbers = [...Array(workers).keys()];
    const shares = numbers.map((worker) => shareOfPool(total, workers, worker));
    assert.equal(shares.reduce((one, other) => one + other), total);
    assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
  }
});

test("a hold is never too short", async () => {
  for (const milliseconds of [0, 1, 2, 3, 5]) {
    const begin = performance.now();
    await hold(milliseconds);
    assert.ok(performance.now() - begin >= milliseconds);
  }
});
