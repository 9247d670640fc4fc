// What is answered, before it is serialised.

import { isUtf8 } from "node:buffer";

export const PLAINTEXT = "Hello, World!";
/** The longest body that POST /echo takes, in bytes (1 MiB). */
export const ECHO_LIMIT = 1 << 20;

export function message() {
  return { message: "Hello, World!" };
}

export function user(id) {
  return { id, name: `user-${id}` };
}

export function found(query, limit) {
  return { query, limit };
}

export function delayed(milliseconds) {
  return { delayed_ms: milliseconds };
}

/** The CRC-32 is that of zlib. */
export function receipt(bytes, crc) {
  return { bytes, crc32: crc.toString(16).padStart(8, "0") };
}

export function world(id, randomNumber) {
  return { id, randomNumber };
}

/** The value of a JSON text; undefined calls for 400. */
export function parse(body) {
  // As text, broken UTF-8 would be U+FFFD, which is not equal JSON.
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
