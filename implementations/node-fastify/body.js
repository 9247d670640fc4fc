// Content as a stream, read by the entry.

import { crc32 } from "node:zlib";

import { ECHO_LIMIT, receipt } from "../_shared/node/payload.js";

/**
 * The whole content, or null where it is longer than /echo takes. What is left of it then is read
 * and forgotten: an answer beside unread input would be lost with its connection.
 */
export function readAll(request) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    let length = 0;
    request.on("data", (piece) => {
      length += piece.length;
      if (length <= ECHO_LIMIT) pieces.push(piece);
      else resolve(null);
    });
    request.on("end", () => resolve(Buffer.concat(pieces)));
    request.on("error", reject);
  });
}

/** What /upload answers; nothing is kept. */
export async function readThrough(request) {
  let length = 0;
  let sum = 0;
  for await (const piece of request) {
    length += piece.length;
    sum = crc32(piece, sum);
  }
  return receipt(length, sum);
}
