import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";

import { listen, serverOf, stop } from "./connections.js";

/** Answers /slow when it is told to, and anything else at once. */
const held = [];
const seen = [];
const server = serverOf("test", (request, response) => {
  seen.push(request.url);
  const answer = () => response.end(request.url);
  if (request.url === "/slow") held.push(answer);
  else answer();
});
await listen(server, { host: "127.0.0.1", port: 0 });
after(() => new Promise((done) => stop(server, done)));

/** Sends bytes and gives all that comes until the server closes. */
async function exchange(bytes, meanwhile = async () => {}) {
  const socket = connect(server.address().port, "127.0.0.1");
  let answered = "";
  socket.setEncoding("latin1");
  socket.on("data", (piece) => {
    answered += piece;
  });
  socket.write(bytes);
  const closed = once(socket, "close");
  await meanwhile();
  await closed;
  return answered;
}

function statuses(answered) {
  return [...answered.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
}

async function heldBack() {
  while (held.length === 0) await new Promise((resume) => setImmediate(resume));
}

const LIMIT = { timeout: 30_000 };
const GET = "GET /one HTTP/1.1\r\nHost: h\r\n\r\n";
const LAST = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: x\t,\tclose\r\n\r\n";
const SLOW = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";

test("what is no request is answered behind the slow ones before", LIMIT, async () => {
  const answered = await exchange(`${GET}${SLOW}no request\r\n\r\n`, async () => {
    await heldBack();
    held.shift()();
  });
  assert.deepEqual(statuses(answered), [200, 200, 400]);
  assert.match(answered, /\/one[^]*\/slow[^]*Server: test\r\nDate: /);
});

test("nothing is served behind a last request", LIMIT, async () => {
  seen.length = 0;
  assert.deepEqual(statuses(await exchange(LAST + GET)), [200]);
  assert.deepEqual(seen, ["/last"]);
});

test("content that is malformed behind its answer is not answered again", LIMIT, async () => {
  const chunked = "GET /one HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  assert.deepEqual(statuses(await exchange(`${chunked}x\r\n`)), [200]);
});

test("a request out of order never reaches an engine", LIMIT, async () => {
  seen.length = 0;
  for (const [head, status] of [
    ["GET /x HTTP/1.1", 400],
    ["GET /x HTTP/1.1\r\nHost: a\r\nHost: a", 400],
    ["GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip", 501],
    [`GET /${"x".repeat(100_000)} HTTP/1.1`, 414],
    [`GET /x HTTP/1.1\r\nX: ${"x".repeat(100_000)}`, 431],
    ["GET /x HTTP/3.0\r\nHost: a", 505],
  ]) {
    const answered = await exchange(`${head}\r\n\r\n`);
    assert.deepEqual(statuses(answered), [status], head.slice(0, 60));
    assert.match(answered, /\r\nServer: test\r\n/i);
    assert.match(answered, /\r\nConnection: close\r\n/i);
  }
  assert.deepEqual(seen, []);
});
