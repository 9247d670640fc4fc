import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_USER_ID, delayMs, first, limit, queries, userId } from "./arguments.js";

test("ids are decimal and within bounds", () => {
  assert.equal(userId("1"), 1);
  assert.equal(userId("042"), 42);
  assert.equal(userId("9007199254740991"), MAX_USER_ID);
  const refused = ["", "0", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1_000", "٣"];
  for (const segment of [...refused, "9".repeat(400), "9007199254740992", "9007199254740993"]) {
    assert.equal(userId(segment), null, segment);
  }
});

test("delays end at ten seconds", () => {
  assert.equal(delayMs("0"), 0);
  assert.equal(delayMs("10000"), 10_000);
  for (const segment of ["10001", "", "-0", "1".repeat(50)]) {
    assert.equal(delayMs(segment), null, segment);
  }
});

test("counts are clamped, and an integer of any length is one", () => {
  const huge = "9".repeat(400);
  for (const [text, wanted] of [
    [null, 1], ["", 1], ["x", 1], ["1.5", 1], ["-", 1], ["--1", 1], [" 7", 1], ["1e9", 1],
    ["0", 1], ["-5", 1], [`-${huge}`, 1], ["7", 7], ["+7", 7], ["007", 7], ["500", 500],
    ["501", 500], [huge, 500],
  ]) {
    assert.equal(queries(text), wanted, text);
  }
  assert.deepEqual([limit(null), limit("none"), limit("0"), limit("101")], [10, 10, 1, 100]);
});

test("the first of repeated parameters counts, decoded", () => {
  assert.equal(first("q=a%20b+c&q=d", "q"), "a b c");
  assert.equal(first("x=1&q=%C3%BC", "q"), "ü");
  assert.equal(first("q", "q"), "");
  assert.equal(first("", "q"), null);
  assert.equal(first("queries=3", "q"), null);
});
