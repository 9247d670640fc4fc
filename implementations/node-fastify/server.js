// Starts one of the engines under spec/contract.md: a process per worker, drains after SIGTERM.

import cluster from "node:cluster";
import { createRequire } from "node:module";
import process from "node:process";
import { parseArgs } from "node:util";

import { Catalogue } from "../_shared/node/catalogue.js";
import { WrongSetting, readSettings, shareOfPool } from "../_shared/node/settings.js";
import { Database } from "./database.js";

/** How long requests in flight have after SIGTERM; the contract asks for an exit within 5 s. */
const DRAIN_LIMIT_MS = 4000;
/** Connections that may wait to be accepted; Node's default is 511, the contract asks for 1024. */
const BACKLOG = 4096;
/** Which worker a process is, from 0; one that takes another's place has its number. */
const WORKER = "NODE_FASTIFY_WORKER";

// Only the engine that is asked for is loaded.
const ENGINES = {
  fastify: () => import("./fastify.js"),
  express: () => import("./express.js"),
  "node-http": () => import("./node-http.js"),
};

function fail(message) {
  console.error(`node-fastify: ${message}`);
  process.exit(1);
}

function readArguments() {
  const options = {
    engine: { type: "string", default: "fastify" },
    version: { type: "boolean", default: false },
  };
  try {
    const { values } = parseArgs({ options });
    if (!Object.hasOwn(ENGINES, values.engine)) {
      fail(`unknown engine "${values.engine}": expected ${Object.keys(ENGINES).join(", ")}`);
    }
    return values;
  } catch (error) {
    return fail(error.message);
  }
}

function versions() {
  const require = createRequire(import.meta.url);
  const version = (name) => `${name} ${require(`${name}/package.json`).version}`;
  return `${version("fastify")}, ${version("express")}, node ${process.versions.node}`;
}

function onTermination(stop) {
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

async function serve(engine, settings) {
  const worker = Number(process.env[WORKER] ?? 0);
  const files = new Catalogue(settings.staticDir);
  const share = shareOfPool(settings.databasePool, settings.workers, worker);
  const database =
    settings.databaseUrl === undefined ? null : new Database(settings.databaseUrl, share);
  const { start } = await ENGINES[engine]();
  const address = { host: settings.host, port: settings.port, backlog: BACKLOG };
  const server = await start({ files, database }, address);
  const { address: host, port } = server.address();
  console.error(`listening on ${host}:${port}`);
  onTermination(() => {
    // Connections to the database end with the process: a database that hangs holds nothing up.
    server.stop(() => process.exit(0));
    setTimeout(() => process.exit(0), DRAIN_LIMIT_MS).unref();
  });
}

/** A process per worker, since JavaScript runs on one thread; they share one listener. */
function supervise(workers) {
  let stopping = false;
  const start = (number) => {
    let listens = false;
    const worker = cluster.fork({ [WORKER]: String(number) });
    worker.on("listening", () => {
      listens = true;
    });
    worker.on("exit", (code) => {
      if (!stopping && !listens) {
        // It has said why it can not start, and the others would say the same.
        for (const other of Object.values(cluster.workers)) other.process.kill("SIGKILL");
        process.exit(code || 1);
      }
      if (!stopping) start(number);
      else if (Object.keys(cluster.workers).length === 0) process.exit(0);
    });
  };
  for (let number = 0; number < workers; number += 1) start(number);
  onTermination(() => {
    stopping = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill("SIGTERM");
  });
}

async function main() {
  const { engine, version } = readArguments();
  if (version) {
    console.log(versions());
    return;
  }
  try {
    const settings = readSettings(process.env);
    if (settings.workers > 1 && cluster.isPrimary) supervise(settings.workers);
    else await serve(engine, settings);
  } catch (error) {
    if (error instanceof WrongSetting || error.code !== undefined) fail(error.message);
    throw error;
  }
}

await main();
