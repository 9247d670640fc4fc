// node:http under spec/contract.md: starts, looks at fields, drains. What is answered is in
// answers.js.

import cluster from "node:cluster";
import { STATUS_CODES, createServer } from "node:http";
import process from "node:process";

import { isLast, refusalOf } from "../_shared/node/fields.js";
import { answer, text } from "./answers.js";

/** How long requests in flight have after SIGTERM; the contract asks for an exit within 5 s. */
const DRAIN_LIMIT_MS = 4000;
/** Connections that may wait to be accepted; Node's default is 511, the contract asks for 1024. */
const BACKLOG = 4096;

/** How long a client whose request was refused may go on sending. */
const LINGER_MS = 1000;
const OPTIONS = {
  keepAliveTimeout: 60_000,
  headersTimeout: 10_000,
  // Looked at here, so that the refusal names the engine.
  requireHostHeader: false,
};

function setting(name, otherwise, least) {
  const value = process.env[name] ?? otherwise;
  if (!/^[0-9]+$/.test(value) || Number(value) < least) {
    fail(`${name} is "${value}": expected a whole number, ${least} or more`);
  }
  return Number(value);
}

function fail(message) {
  console.error(`new-entry: ${message}`);
  process.exit(1);
}

function onTermination(stop) {
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** Connections whose last request has come: what follows it is not answered (RFC 9112 section 9.6). */
const ended = new WeakSet();

/** Answers what the target asks for, unless the fields forbid it. Node leaves them to its users. */
function admit(request, response) {
  if (ended.has(request.socket)) return;
  response.setHeader("Server", "node");
  const refusal = refusalOf(request);
  // Node's parser knows what HTTP/1.0 says of it, and not every form of the close option.
  if (refusal !== null || isLast(request) || !response.shouldKeepAlive) {
    ended.add(request.socket);
    response.setHeader("Connection", "close");
  }
  if (refusal === null) answer(request, response);
  else text(response, refusal.status, refusal.text);
}

/**
 * What is no request, or too long for one. Node's own answer has no length, and is lost when its
 * client is still sending: closing with unread input resets the connection (RFC 9112 section 9.6).
 */
function refuse(error, socket) {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  const date = new Date().toUTCString();
  const told =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nServer: node\r\nDate: ${date}\r\n` +
    "Content-Length: 0\r\nConnection: close\r\n\r\n";
  // Behind a last request, Node closes once that one is answered.
  if (!ended.has(socket)) socket.end(told);
  socket.removeAllListeners("data");
  socket.on("data", () => {});
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function serve() {
  const server = createServer(OPTIONS, admit);
  const host = process.env.HOST ?? "127.0.0.1";
  server.on("clientError", refuse);
  server.on("error", (error) => fail(error.message));
  server.listen({ host, port: setting("PORT", "8080", 0), backlog: BACKLOG }, () => {
    const { address, port } = server.address();
    console.error(`listening on ${address}:${port}`);
  });
  onTermination(() => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), DRAIN_LIMIT_MS).unref();
  });
}

/** A process per worker, since JavaScript runs on one thread; they share one listener. */
function supervise(workers) {
  let stopping = false;
  for (let started = 0; started < workers; started += 1) cluster.fork();
  cluster.on("exit", (_worker, code) => {
    if (!stopping) process.exit(code || 1); // It could not listen, or crashed.
    if (Object.keys(cluster.workers).length === 0) process.exit(0);
  });
  onTermination(() => {
    stopping = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill("SIGTERM");
  });
}

if (process.argv.includes("--version")) {
  console.log(`node ${process.versions.node}`);
} else {
  const workers = setting("WORKERS", "1", 1);
  if (workers > 1 && cluster.isPrimary) supervise(workers);
  else serve();
}
