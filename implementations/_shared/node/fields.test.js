import assert from "node:assert/strict";
import { test } from "node:test";

import { isHost, isLast, refusalOf } from "./fields.js";

/** A request as Node would show it. */
function request(lines, httpVersion = "1.1") {
  const headers = {};
  for (const [name, value] of lines) headers[name.toLowerCase()] ??= value;
  return { rawHeaders: lines.flat(), headers, httpVersion };
}

test("a host is a name or an address, with or without a port", () => {
  const goods = ["", "h", "example.com", "127.0.0.1:8080", "[::1]", "[::1]:80", "h:", "a_b"];
  for (const good of goods) {
    assert.ok(isHost(good), good);
  }
  for (const bad of [
    "a b", "a/b", "user@h", "h:x", "h:123456", "[::1", "::1", "[x]", "a,b:c", "h\0", "é",
    "[::1]x", "http://h",
  ]) {
    assert.ok(!isHost(bad), bad);
  }
});

test("a request has one host", () => {
  assert.equal(refusalOf(request([["HOST", "h"]])), null);
  assert.equal(refusalOf(request([], "1.0")), null);
  for (const lines of [[], [["Host", "h"], ["host", "h"]], [["Host", "a b"]]]) {
    assert.equal(refusalOf(request(lines))?.status, 400);
  }
});

test("chunked alone is known", () => {
  const coded = (value) => refusalOf(request([["Host", "h"], ["Transfer-Encoding", value]]));
  assert.equal(coded("chunked"), null);
  assert.equal(coded(" Chunked "), null);
  for (const value of ["", "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "x"]) {
    assert.equal(coded(value)?.status, 501, value);
  }
});

test("a request is the last by its options, or by codings that its version does not have", () => {
  const last = (lines, version) => isLast(request(lines, version));
  for (const value of ["close", "Close", "keep-alive, close", "x\t,\tclose\t"]) {
    assert.ok(last([["Connection", value]]), value);
  }
  for (const value of ["keep-alive", "closed", "not close"]) {
    assert.ok(!last([["Connection", value]]), value);
  }
  const chunked = [["Connection", "keep-alive"], ["Transfer-Encoding", "chunked"]];
  assert.ok(last(chunked, "1.0"));
  assert.ok(!last(chunked, "1.1"));
});
