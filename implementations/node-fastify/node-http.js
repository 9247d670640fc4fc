// node:http without a framework: routing by hand.

import { delayMs, first, limit, userId } from "../_shared/node/arguments.js";
import { PATHS, UNAVAILABLE } from "../_shared/node/database.js";
import { page } from "../_shared/node/fortunes.js";
import { hold } from "../_shared/node/hold.js";
import { PLAINTEXT, delayed, found, message, parse, user } from "../_shared/node/payload.js";
import { decide } from "../_shared/node/static-files.js";
import { split } from "../_shared/node/target.js";
import { readAll, readThrough } from "./body.js";
import { listen, serverOf, stop } from "./connections.js";
import { rows } from "./rows.js";

/** Starts to serve `app`. */
export async function start(app, address) {
  const routes = routesOf(app);
  const server = serverOf("node", (request, response) => answer(routes, request, response));
  await listen(server, address);
  return { address: () => server.address(), stop: (done) => stop(server, done) };
}

/** What answers each path, and each path that ends with one segment more. */
function routesOf({ files, database }) {
  const exact = new Map([
    ["/plaintext", get((context) => text(context, 200, PLAINTEXT))],
    ["/json", get((context) => json(context, message()))],
    ["/search", get(search)],
    ["/echo", post(echo)],
    ["/upload", post(upload)],
  ]);
  for (const path of database === null ? [] : PATHS) {
    exact.set(path, get((context) => answerRows(context, database, path)));
  }
  const withSegment = new Map([
    ["users", get(answerUser)],
    ["delay", get(delay)],
    ["static", get((context) => staticFile(context, files))],
  ]);
  return { exact, withSegment };
}

function answer({ exact, withSegment }, request, response) {
  const [path, query] = split(request.url);
  const context = { request, response, query, segment: "" };
  let route = exact.get(path);
  if (route === undefined) {
    const [, collection, segment, ...deeper] = path.split("/");
    if (segment && deeper.length === 0) route = withSegment.get(collection);
    context.segment = segment;
  }
  if (route === undefined) {
    notFound(context);
  } else if (route.methods.includes(request.method)) {
    route.answer(context)?.catch(() => failed(context));
  } else {
    response.setHeader("Allow", route.methods.join(", "));
    text(context, 405, "method not allowed");
  }
}

function get(answer) {
  return { methods: ["GET", "HEAD"], answer };
}

function post(answer) {
  return { methods: ["POST"], answer };
}

function notFound(context) {
  text(context, 404, "not found");
}

/** A body that breaks off has nobody left to answer. */
function failed({ request, response }) {
  if (request.destroyed && !response.headersSent) response.destroy();
}

function search(context) {
  const query = first(context.query, "q");
  if (!query) return text(context, 400, "q is missing or empty");
  return json(context, found(query, limit(first(context.query, "limit"))));
}

function answerUser(context) {
  const id = userId(context.segment);
  if (id === null) return text(context, 400, "an id is a whole number from 1 to 2^53-1");
  return json(context, user(id));
}

async function delay(context) {
  const milliseconds = delayMs(context.segment);
  if (milliseconds === null) {
    text(context, 400, "a delay is a whole number from 0 to 10000");
    return;
  }
  await hold(milliseconds);
  json(context, delayed(milliseconds));
}

async function echo(context) {
  const body = await readAll(context.request);
  if (body === null) {
    text(context, 413, "the body is longer than 1 MiB");
    return;
  }
  const value = parse(body);
  if (value === undefined) text(context, 400, "the body is not JSON");
  else json(context, value);
}

async function upload(context) {
  json(context, await readThrough(context.request));
}

function staticFile(context, files) {
  const file = files.find(context.segment);
  if (file === undefined) return notFound(context);
  const { request, response } = context;
  const { status, fields, content } = decide(file, request.method, request.headers);
  if (status !== 304) fields["Content-Length"] = content.length;
  response.writeHead(status, fields);
  response.end(content);
}

async function answerRows(context, database, path) {
  try {
    if (path === "/fortunes") {
      respond(context, 200, "text/html; charset=utf-8", page(await database.fortunes()));
    } else {
      json(context, await rows(database, path, context.query));
    }
  } catch {
    text(context, 503, UNAVAILABLE);
  }
}

function text(context, status, body) {
  respond(context, status, "text/plain", body);
}

/** Serialised for each request, as the contract asks. */
function json(context, value) {
  respond(context, 200, "application/json", JSON.stringify(value));
}

function respond({ response }, status, contentType, body) {
  // Node leaves the body of an answer to HEAD out.
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}
