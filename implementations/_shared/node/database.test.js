import assert from "node:assert/strict";
import { test } from "node:test";

import { CACHE_MS, WorldCache, drawIds, drawNumbers } from "./database.js";

test("ids are drawn from the whole range", () => {
  const ids = drawIds(200_000);
  assert.equal(ids.length, 200_000);
  // Any one is missed with a chance of e^-20.
  assert.equal(new Set(ids).size, 10_000);
  assert.equal(Math.min(...new Set(ids)), 1);
  assert.equal(Math.max(...new Set(ids)), 10_000);
});

test("a row that is drawn twice gets one number, and rows are in order", () => {
  const numbers = drawNumbers([9, 10, 2, 9]);
  assert.deepEqual([...numbers.keys()], [2, 9, 10]);
  assert.ok([...numbers.values()].every((number) => number >= 1 && number <= 10_000));
});

test("a cache asks for what it does not have, once", async () => {
  const asked = [];
  const read = async (ids) => {
    asked.push(ids);
    return ids.map((id) => [id, id * 2]);
  };
  const cache = new WorldCache();
  const numbers = await cache.numbers([1, 2, 1], read);
  assert.deepEqual([...numbers], [[1, 2], [2, 4]]);
  await cache.numbers([2, 3], read);
  assert.deepEqual(asked, [[1, 2], [3]]);
  await assert.rejects(cache.numbers([4], () => Promise.reject(new Error("away"))), /away/);
});

test("a row is kept for a minute", () => {
  const cache = new WorldCache();
  cache.set(1, 5, 1000);
  assert.equal(cache.get(1, 1000 + CACHE_MS - 1), 5);
  assert.equal(cache.get(1, 1000 + CACHE_MS), undefined);
});
