// Fastify: routes, schemas by which it serialises, parsers of content.

import Fastify from "fastify";

import { delayMs, first, limit, userId } from "../_shared/node/arguments.js";
import { PATHS, UNAVAILABLE } from "../_shared/node/database.js";
import { page } from "../_shared/node/fortunes.js";
import { hold } from "../_shared/node/hold.js";
import {
  ECHO_LIMIT,
  PLAINTEXT,
  delayed,
  found,
  message,
  parse,
  user,
} from "../_shared/node/payload.js";
import { decide } from "../_shared/node/static-files.js";
import { isPlain, originForm, split } from "../_shared/node/target.js";
import { readThrough } from "./body.js";
import { serverOf } from "./connections.js";
import { rows } from "./rows.js";

const WORLD = object({ id: { type: "integer" }, randomNumber: { type: "integer" } });

/** Starts to serve `app`. */
export async function start(app, address) {
  const server = Fastify({
    serverFactory: (handler) => serverOf("fastify", handler),
    // The server has one; Fastify would add its own.
    clientErrorHandler: () => {},
    bodyLimit: ECHO_LIMIT,
    // What is in flight at SIGTERM is answered as ever.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    // Its router knows no absolute form.
    rewriteUrl: (request) => originForm(request.url),
  });
  server.addHook("onRequest", (request, reply, next) => {
    // The router decodes a path before it compares it.
    if (isPlain(split(request.raw.url)[0])) next();
    else reply.callNotFound();
  });
  server.setErrorHandler((error, _request, reply) => {
    reply.code(error.statusCode ?? 500).type("text/plain").send(error.message);
  });
  addRoutes(server, app);
  await server.listen(address);
  const stop = (done) => void server.close().then(done);
  return { address: () => server.server.address(), stop };
}

function addRoutes(server, { files, database }) {
  const get = (path, handler, schema) => {
    server.get(path, schema ? { schema: { response: { 200: schema } } } : {}, handler);
  };
  get("/plaintext", (_request, reply) => text(reply, 200, PLAINTEXT));
  get("/json", async () => message(), object({ message: { type: "string" } }));
  get("/users/:id", answerUser, object({ id: { type: "integer" }, name: { type: "string" } }));
  get("/search", search, object({ query: { type: "string" }, limit: { type: "integer" } }));
  get("/delay/:ms", delay, object({ delayed_ms: { type: "integer" } }));
  get("/static/:file", (request, reply) => staticFile(files, request, reply));
  // Its own parser would ask for a media type.
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
      done(null, body);
    });
    scope.post("/echo", echo);
  });
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    const schema = object({ bytes: { type: "integer" }, crc32: { type: "string" } });
    scope.post("/upload", { schema: { response: { 200: schema } } }, (request) =>
      readThrough(request.raw),
    );
  });
  const paths = ["/plaintext", "/json", "/search"];
  if (database !== null) {
    addRowRoutes(get, database);
    paths.push(...PATHS);
  }
  refuseOthers(server, paths);
}

function addRowRoutes(get, database) {
  for (const path of PATHS.filter((one) => one !== "/fortunes")) {
    const schema = path === "/db" ? WORLD : { type: "array", items: WORLD };
    const answer = async (request) => rows(database, path, split(request.raw.url)[1]);
    get(path, (request, reply) => answer(request).catch(() => unavailable(reply)), schema);
  }
  get("/fortunes", async (_request, reply) => {
    try {
      const content = page(await database.fortunes());
      return reply.type("text/html; charset=utf-8").send(content);
    } catch {
      return unavailable(reply);
    }
  });
}

/** Fastify answers 404 to another method of a path that it knows. */
function refuseOthers(server, paths) {
  server.removeAllContentTypeParsers();
  // Content that nobody asked for is left to node:http, which reads and forgets it.
  server.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const refuse = (allow) => (_request, reply) =>
    text(reply.header("Allow", allow), 405, "method not allowed");
  const isRead = (method) => method === "GET" || method === "HEAD";
  const others = (without) => server.supportedMethods.filter((method) => !without(method));
  for (const url of [...paths, "/users/:id", "/delay/:ms", "/static/:file"]) {
    server.route({ method: others(isRead), url, handler: refuse("GET, HEAD") });
  }
  for (const url of ["/echo", "/upload"]) {
    const method = others((one) => one === "POST");
    server.route({ method, url, exposeHeadRoute: false, handler: refuse("POST") });
  }
  server.setNotFoundHandler((_request, reply) => text(reply, 404, "not found"));
}

function object(properties) {
  return { type: "object", properties };
}

function text(reply, status, body) {
  return reply.code(status).type("text/plain").send(body);
}

function unavailable(reply) {
  return text(reply, 503, UNAVAILABLE);
}

async function answerUser(request, reply) {
  const id = userId(request.params.id);
  if (id === null) return text(reply, 400, "an id is a whole number from 1 to 2^53-1");
  return user(id);
}

async function search(request, reply) {
  const query = split(request.raw.url)[1];
  const wanted = first(query, "q");
  if (!wanted) return text(reply, 400, "q is missing or empty");
  return found(wanted, limit(first(query, "limit")));
}

async function delay(request, reply) {
  const milliseconds = delayMs(request.params.ms);
  if (milliseconds === null) return text(reply, 400, "a delay is a whole number from 0 to 10000");
  await hold(milliseconds);
  return delayed(milliseconds);
}

async function echo(request, reply) {
  const value = parse(request.body ?? Buffer.alloc(0));
  if (value === undefined) return text(reply, 400, "the body is not JSON");
  // Any value: a string or a number would else be sent as it is.
  return reply.type("application/json").serializer(JSON.stringify).send(value);
}

function staticFile(files, request, reply) {
  // The raw path: its own decoding refuses what is malformed in a way of its own.
  const file = files.find(split(request.raw.url)[0].slice("/static/".length));
  if (file === undefined) return text(reply, 404, "no such file");
  const { status, fields, content } = decide(file, request.method, request.headers);
  return reply.code(status).headers(fields).send(status === 304 ? undefined : content);
}
