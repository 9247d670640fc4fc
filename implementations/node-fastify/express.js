// Express 5: routes, its own reader of content, its own serialiser.

import express from "express";

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
import { listen, serverOf, stop } from "./connections.js";
import { rows } from "./rows.js";

/** Starts to serve `app`. */
export async function start(app, address) {
  const server = serverOf("express", applicationOf(app));
  await listen(server, address);
  return { address: () => server.address(), stop: (done) => stop(server, done) };
}

function applicationOf({ files, database }) {
  const application = express();
  // Before anything else: with the first middleware the router takes its settings.
  application.enable("case sensitive routing").enable("strict routing");
  application.disable("x-powered-by").disable("etag");
  application.set("query parser", false);
  application.set("env", "production");
  application.use((request, _response, next) => {
    request.url = originForm(request.url);
    next(isPlain(split(request.url)[0]) ? undefined : "router");
  });
  addRoutes(application, files, database);
  application.use((_request, response) => notFound(response));
  // Express knows a handler of errors by its four parameters.
  application.use((error, request, response, _next) => {
    if (request.destroyed && !request.complete) response.destroy();
    else text(response, error.status ?? 500, error.message);
  });
  return application;
}

function addRoutes(application, files, database) {
  const get = (path, handler) => {
    application.route(path).get(handler).all(refuse("GET, HEAD"));
  };
  get("/plaintext", (_request, response) => text(response, 200, PLAINTEXT));
  get("/json", (_request, response) => response.json(message()));
  get("/users/:id", answerUser);
  get("/search", search);
  get("/delay/:ms", delay);
  get("/static/:file", (request, response) => staticFile(files, request, response));
  const raw = express.raw({ type: () => true, limit: ECHO_LIMIT, inflate: false });
  application.route("/echo").post(raw, echo).all(refuse("POST"));
  application.route("/upload").post(upload).all(refuse("POST"));
  for (const path of database === null ? [] : PATHS) {
    get(path, (request, response) => answerRows(database, path, request, response));
  }
}

function refuse(allow) {
  return (_request, response) => {
    response.set("Allow", allow);
    text(response, 405, "method not allowed");
  };
}

function text(response, status, body) {
  response.status(status).type("text/plain").send(body);
}

function notFound(response) {
  text(response, 404, "not found");
}

function answerUser(request, response) {
  const id = userId(request.params.id);
  if (id === null) text(response, 400, "an id is a whole number from 1 to 2^53-1");
  else response.json(user(id));
}

function search(request, response) {
  const query = split(request.url)[1];
  const wanted = first(query, "q");
  if (!wanted) text(response, 400, "q is missing or empty");
  else response.json(found(wanted, limit(first(query, "limit"))));
}

async function delay(request, response) {
  const milliseconds = delayMs(request.params.ms);
  if (milliseconds === null) {
    text(response, 400, "a delay is a whole number from 0 to 10000");
    return;
  }
  await hold(milliseconds);
  response.json(delayed(milliseconds));
}

function echo(request, response) {
  const value = Buffer.isBuffer(request.body) ? parse(request.body) : undefined;
  if (value === undefined) text(response, 400, "the body is not JSON");
  else response.json(value);
}

async function upload(request, response) {
  response.json(await readThrough(request));
}

function staticFile(files, request, response) {
  // The raw path: Express answers what it cannot decode in a way of its own.
  const file = files.find(split(request.url)[0].slice("/static/".length));
  if (file === undefined) {
    notFound(response);
    return;
  }
  const { status, fields, content } = decide(file, request.method, request.headers);
  response.status(status).set(fields);
  if (status !== 304) response.set("Content-Length", String(content.length));
  // Not `send`, which would look at the preconditions once more.
  response.end(content);
}

async function answerRows(database, path, request, response) {
  let answered;
  try {
    const query = split(request.url)[1];
    answered = await (path === "/fortunes" ? database.fortunes() : rows(database, path, query));
  } catch {
    text(response, 503, UNAVAILABLE);
    return;
  }
  if (path === "/fortunes") response.type("text/html; charset=utf-8").send(page(answered));
  else response.json(answered);
}
