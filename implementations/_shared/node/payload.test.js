import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import { page } from "./fortunes.js";
import { parse, receipt } from "./payload.js";

test("a checksum has eight digits", () => {
  assert.deepEqual(receipt(9, crc32("123456789")), { bytes: 9, crc32: "cbf43926" });
  assert.deepEqual(receipt(0, 0), { bytes: 0, crc32: "00000000" });
});

test("what is JSON is parsed", () => {
  const parsed = (text) => parse(Buffer.from(text));
  assert.equal(parsed("null"), null);
  assert.deepEqual(parsed(' [1, {"a": "\\u00fc"}] '), [1, { a: "ü" }]);
  for (const text of ["", " ", "{", "[1,]", "{'a':1}", "01", "1 2", "NaN", '"\\x"', "\ufeff1"]) {
    assert.equal(parsed(text), undefined, text);
  }
  assert.equal(parse(Buffer.from([0x22, 0xff, 0x22])), undefined);
});

test("fortunes are joined by one more, sorted by code points and escaped", () => {
  const some = [[1, "\u{1f600}"], [2, "\uff5e"], [3, `Z <b> & "c" 'd'`], [4, "A"], [5, "Ad"]];
  const written = page(some);
  const rows = [...written.matchAll(/<tr><td>(\d+)<\/td><td>(.*)<\/td><\/tr>/g)];
  assert.deepEqual(rows.map(([, id]) => Number(id)), [4, 5, 0, 3, 2, 1]);
  assert.equal(rows[3][2], "Z &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  assert.ok(written.startsWith("<!DOCTYPE html>"));
});
