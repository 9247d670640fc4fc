// The files of STATIC_DIR, held in memory.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";

const MEDIA_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Regular files by name, each with its precompressed forms. */
export class Catalogue {
  #files = new Map();

  /** A folder that is absent holds no files. */
  constructor(folder) {
    const contents = new Map(folder === undefined ? [] : read(folder));
    for (const [name, { content, modified }] of contents) {
      const codings = new Map();
      for (const [coding, extension] of [["br", ".br"], ["gzip", ".gz"]]) {
        const compressed = contents.get(name + extension);
        if (compressed) codings.set(coding, representation(compressed.content, coding));
      }
      const mediaType = MEDIA_TYPES[extname(name)] ?? "application/octet-stream";
      const identity = representation(content, null);
      this.#files.set(name, { mediaType, modified, identity, codings });
    }
  }

  /** The file that one percent-encoded segment of a path names. */
  find(segment) {
    try {
      return this.#files.get(decodeURIComponent(segment));
    } catch {
      return undefined;
    }
  }
}

function* read(folder) {
  let names;
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  for (const name of names) {
    const path = join(folder, name);
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status?.isFile() || name.startsWith(".") || name.includes("\\")) continue;
    // Seconds, which is what Last-Modified can say; and none that are still to come.
    const modified = Math.floor(Math.min(status.mtimeMs, Date.now()) / 1000);
    yield [name, { content: readFileSync(path), modified }];
  }
}

function representation(content, coding) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  // The coding is part of the tag: each form has one of its own.
  return { content, coding, etag: `"${digest}-${coding ?? "identity"}"` };
}
