import assert from "node:assert/strict";
import { test } from "node:test";

import { isPlain, originForm, split } from "./target.js";

test("a target is a path and a query, in every form", () => {
  assert.deepEqual(split("/a/b?c=/d?e"), ["/a/b", "c=/d?e"]);
  assert.deepEqual(split("/a"), ["/a", ""]);
  assert.deepEqual(split("http://h:80/a?b"), ["/a", "b"]);
  assert.deepEqual(split("HTTPS://h/a"), ["/a", ""]);
  assert.deepEqual(split("http://h"), ["/", ""]);
  assert.deepEqual(split("http://h?b"), ["/", "b"]);
  assert.deepEqual(split("*"), ["*", ""]);
  assert.equal(originForm("http://h/a?b"), "/a?b");
  assert.equal(originForm("//a"), "//a");
});

test("only names of files may be encoded", () => {
  assert.ok(isPlain("/static/a%20b"));
  assert.ok(isPlain("/plaintext"));
  assert.ok(!isPlain("/plain%74ext"));
});
