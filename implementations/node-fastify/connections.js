// What all three engines have in common, since all serve on node:http: its settings, what a
// request must be before any of them sees it, and what is answered to bytes that are none.

import { STATUS_CODES, createServer } from "node:http";

import { isLast, refusalOf } from "../_shared/node/fields.js";

/** How long a client whose request was refused may go on sending. */
const LINGER_MS = 1000;

const OPTIONS = {
  keepAliveTimeout: 60_000,
  headersTimeout: 10_000,
  // An upload may take longer than five minutes.
  requestTimeout: 0,
  // Looked at here, so that the refusal names its engine.
  requireHostHeader: false,
};

/** A server that gives `handler` the requests that are in order; `name` is its Server field. */
export function serverOf(name, handler) {
  const connections = new Connections(name);
  const server = createServer(OPTIONS, (request, response) => {
    response.setHeader("Server", name);
    if (connections.admit(request, response)) handler(request, response);
  });
  server.on("clientError", (error, socket) => connections.refuse(error, socket));
  return server;
}

class Connections {
  #name;
  /** The latest request of each connection, with its response. */
  #latest = new WeakMap();

  constructor(name) {
    this.#name = name;
  }

  /** Whether a request is to be answered. */
  admit(request, response) {
    // Behind a last request nothing is answered (RFC 9112 section 9.6).
    if (this.#latest.get(request.socket)?.last) return false;
    const refusal = refusalOf(request);
    const last = refusal !== null || isLast(request);
    this.#latest.set(request.socket, { request, response, last });
    if (last) response.setHeader("Connection", "close");
    if (refusal === null) return true;
    const { status, text } = refusal;
    response.writeHead(status, { "Content-Type": "text/plain", "Content-Length": text.length });
    response.end(text);
    return false;
  }

  /** What is no request, too long for one, or no content of one. */
  refuse(error, socket) {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    forget(socket);
    const latest = this.#latest.get(socket);
    if (latest === undefined) {
      this.#close(socket, error);
      return;
    }
    const { request, response, last } = latest;
    if (!request.complete) {
      // Its content is malformed. One that is answered already can only be closed.
      this.#close(socket, response.headersSent ? null : error);
      return;
    }
    // What is found behind a last request, by Node's parser too, is not answered.
    const told = last || error.code === "HPE_CLOSED_CONNECTION" ? null : error;
    if (response.writableFinished) this.#close(socket, told);
    // The answers to those before come first.
    else response.once("close", () => this.#close(socket, told));
  }

  /**
   * Answers what is wrong and closes. Node's own answer has no length, and is lost when its client
   * is still sending: closing with unread input resets the connection (RFC 9112 section 9.6).
   */
  #close(socket, error) {
    if (socket.writable) socket.end(error === null ? "" : this.#answerTo(error, socket));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }

  #answerTo(error, socket) {
    const status = statusOf(error, socket);
    return (
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nServer: ${this.#name}\r\n` +
      `Date: ${new Date().toUTCString()}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
    );
  }
}

/** What else comes is read and forgotten. */
function forget(socket) {
  socket.removeAllListeners("data");
  socket.on("data", () => {});
}

function statusOf({ code, rawPacket }, socket) {
  switch (code) {
    case "HPE_INVALID_VERSION":
      return 505;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408;
    case "HPE_HEADER_OVERFLOW":
      // Within the first line it is the target that is too long.
      return socket.bytesRead === rawPacket?.length && !rawPacket.includes("\n") ? 414 : 431;
    default:
      return 400;
  }
}

/** Listens, or fails with what the system says. */
export function listen(server, address) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Stops accepting, and calls `done` when what is in flight is answered. */
export function stop(server, done) {
  server.close(done);
  server.closeIdleConnections();
}
