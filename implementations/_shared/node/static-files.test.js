import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { Catalogue } from "./catalogue.js";
import { decide } from "./static-files.js";

/** A page with a compressed form, a name that must be encoded, a hidden file and a folder. */
const folder = mkdtempSync(join(tmpdir(), "static-files-"));
after(() => rmSync(folder, { recursive: true }));
for (const [name, content] of [
  ["page.html", "0123456789"], ["page.html.gz", "packed"], ["a b.bin", "x"], [".hidden", "x"],
]) {
  writeFileSync(join(folder, name), content);
}
mkdirSync(join(folder, "folder"));
const MODIFIED = Date.UTC(2020, 0, 2, 3, 4, 5) / 1000;
utimesSync(join(folder, "page.html"), MODIFIED, MODIFIED);
const files = new Catalogue(folder);
const file = files.find("page.html");
const DATE = "Thu, 02 Jan 2020 03:04:05 GMT";

test("a catalogue holds regular files with their forms", () => {
  assert.equal(file.mediaType, "text/html; charset=utf-8");
  assert.deepEqual([...file.codings.keys()], ["gzip"]);
  assert.notEqual(file.codings.get("gzip").etag, files.find("page.html.gz").identity.etag);
  assert.equal(files.find("a%20b.bin").mediaType, "application/octet-stream");
  for (const none of [".hidden", "%2ehidden", "folder", "absent", "a%", "%ff", "..%2fpage.html"]) {
    assert.equal(files.find(none), undefined, none);
  }
});

test("without a folder there are no files", () => {
  assert.equal(new Catalogue(undefined).find("page.html"), undefined);
  assert.equal(new Catalogue(join(folder, "absent")).find("page.html"), undefined);
});

const tag = file.identity.etag;
for (const [fields, status, content] of [
  [{}, 200, "0123456789"],
  [{ "accept-encoding": "gzip" }, 200, "packed"],
  [{ "accept-encoding": "x-gzip;q=0.1" }, 200, "packed"],
  [{ "accept-encoding": "gzip;q=0, *" }, 200, "0123456789"],
  [{ "accept-encoding": "gzip;q=0.5, identity" }, 200, "0123456789"],
  [{ "accept-encoding": "gzip;q=2" }, 200, "0123456789"],
  [{ "accept-encoding": "br" }, 200, "0123456789"],
  [{ "if-none-match": `W/${tag}` }, 304, ""],
  [{ "if-none-match": `"x", ${tag}` }, 304, ""],
  [{ "if-none-match": `"x"`, "if-modified-since": DATE }, 200, "0123456789"],
  [{ "if-modified-since": DATE }, 304, ""],
  [{ "if-modified-since": "Thursday, 02-Jan-20 03:04:05 GMT" }, 304, ""],
  [{ "if-modified-since": "Thu Jan  2 03:04:05 2020" }, 304, ""],
  [{ "if-modified-since": "2020-01-02T03:04:05Z" }, 200, "0123456789"],
  [{ "if-match": `W/${tag}` }, 412, ""],
  [{ "if-match": "*" }, 200, "0123456789"],
  [{ "if-unmodified-since": "Thu, 02 Jan 2020 03:04:04 GMT" }, 412, ""],
  [{ "if-none-match": tag, range: "bytes=0-1" }, 304, ""],
  [{ range: "bytes=2-4" }, 206, "234"],
  [{ range: "bytes=-3" }, 206, "789"],
  [{ range: "bytes=8-" }, 206, "89"],
  [{ range: `bytes=8-${"9".repeat(400)}` }, 206, "89"],
  [{ range: "bytes=-100" }, 206, "0123456789"],
  [{ range: "bytes=10-" }, 416, ""],
  [{ range: "bytes=-0" }, 416, ""],
  [{ range: "bytes=4-2" }, 200, "0123456789"],
  [{ range: "bytes=0-1,3-4" }, 200, "0123456789"],
  [{ range: "lines=2-4" }, 200, "0123456789"],
  [{ range: "bytes=2-4", "if-range": tag }, 206, "234"],
  [{ range: "bytes=2-4", "if-range": `W/${tag}` }, 200, "0123456789"],
  [{ range: "bytes=2-4", "if-range": DATE }, 206, "234"],
]) {
  test(`${JSON.stringify(fields)} is answered ${status}`, () => {
    const answered = decide(file, "GET", fields);
    assert.deepEqual([answered.status, answered.content.toString()], [status, content]);
    assert.equal(answered.fields.Vary, "Accept-Encoding");
  });
}

test("HEAD knows no ranges, and validators come with what they are of", () => {
  const { status, fields } = decide(file, "HEAD", { range: "bytes=0-1" });
  assert.equal(status, 200);
  assert.deepEqual([fields.ETag, fields["Last-Modified"]], [tag, DATE]);
  const missed = decide(file, "GET", { range: "bytes=10-" });
  assert.equal(missed.fields["Content-Range"], "bytes */10");
  assert.equal(missed.fields.ETag, undefined);
});
