// Bun.serve under spec/contract.md: starts, serves, drains. What is answered is in answers.ts.

import { FFIType, dlopen } from "bun:ffi";
import { readdirSync, readlinkSync } from "node:fs";

import { answer, text } from "./answers.ts";

/** Connections that may wait to be accepted; the contract asks for 1024. */
const BACKLOG = 4096;
/** How long requests in flight have after SIGTERM; the contract asks for an exit within 5 s. */
const DRAIN_LIMIT_MS = 4000;
/** Set for the processes that share the port. */
const IS_WORKER = "NEW_ENTRY_WORKER";

function setting(name: string, otherwise: string, least: number): number {
  const value = process.env[name] ?? otherwise;
  if (!/^[0-9]+$/.test(value) || Number(value) < least) {
    fail(`${name} is "${value}": expected a whole number, ${least} or more`);
  }
  return Number(value);
}

function fail(message: string): never {
  console.error(`new-entry: ${message}`);
  process.exit(1);
}

function onTermination(stop: () => void): void {
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** Bun listens with a backlog of 512, and has no setting for it: whoever listens once more changes it. */
function lengthenBacklog(): void {
  const { i32 } = FFIType;
  const { symbols } = dlopen("libc.so.6", { listen: { args: [i32, i32], returns: i32 } });
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      const isSocket = readlinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
      // What is connected refuses it.
      if (isSocket) symbols.listen(Number(name), BACKLOG);
    } catch {
      // The folder itself was among them.
    }
  }
}

function serve(port: number, isShared: boolean): void {
  try {
    const server = Bun.serve({
      hostname: process.env.HOST ?? "127.0.0.1",
      port,
      reusePort: isShared,
      idleTimeout: 60,
      fetch: answer,
      error: () => text(500, "cannot be answered"),
    });
    lengthenBacklog();
    console.error(`listening on ${server.hostname}:${server.port}`);
    onTermination(() => {
      setTimeout(() => process.exit(0), DRAIN_LIMIT_MS).unref();
      void server.stop().then(() => process.exit(0));
      // Connections without a request hold nothing up.
      const look = () => server.pendingRequests === 0 && process.exit(0);
      setInterval(look, 10);
    });
  } catch (error) {
    fail((error as Error).message);
  }
}

/** A process per worker, since JavaScript runs on one thread; the kernel deals connections out. */
function supervise(port: number, workers: number): void {
  // Others that share the port would not be noticed: it is taken once alone.
  try {
    void Bun.serve({ hostname: process.env.HOST ?? "127.0.0.1", port, fetch: answer }).stop(true);
  } catch (error) {
    fail((error as Error).message);
  }
  let stopping = false;
  const env = { ...process.env, [IS_WORKER]: "1" };
  const start = () =>
    Bun.spawn([process.execPath, import.meta.path], { env, stdio: ["ignore", "inherit", "inherit"] });
  const all = Array.from({ length: workers }, start);
  for (const worker of all) {
    void worker.exited.then((code) => {
      if (stopping) return;
      // It could not listen, or crashed.
      for (const other of all) other.kill("SIGKILL");
      process.exit(code || 1);
    });
  }
  onTermination(() => {
    stopping = true;
    for (const worker of all) worker.kill("SIGTERM");
    void Promise.all(all.map((worker) => worker.exited)).then(() => process.exit(0));
  });
}

if (process.argv.includes("--version")) {
  console.log(`Bun ${Bun.version}`);
} else {
  const workers = setting("WORKERS", "1", 1);
  const port = setting("PORT", "8080", 0);
  if (process.env[IS_WORKER] !== undefined) serve(port, true);
  else if (workers > 1) supervise(port, workers);
  else serve(port, false);
}
