// The rules for GET /static/{file}: which coding, which status, which bytes.

import { readDate, writeDate } from "./dates.js";

const EMPTY = Buffer.alloc(0);

/**
 * What to answer. `request` holds the request's fields by lower-case name; the lines of a repeated
 * one are joined with commas (RFC 9110 section 5.3). `content` is what a GET sends: a HEAD sends
 * its length alone, a 304 neither.
 */
export function decide(file, method, request, now = Date.now()) {
  const chosen = choose(file, request["accept-encoding"]);
  const refused = precondition(file, chosen, request);
  const { status, content, fields } =
    refused === 200 ? part(file, chosen, method, request, now) : bare(refused);
  return { status, content, fields: { ...fieldsOf(status, file, chosen), ...fields } };
}

function bare(status) {
  return { status, content: EMPTY, fields: {} };
}

function fieldsOf(status, file, chosen) {
  const fields = {};
  if (status === 200 || status === 206) {
    fields["Content-Type"] = file.mediaType;
    if (chosen.coding !== null) fields["Content-Encoding"] = chosen.coding;
  }
  if (status === 200 || status === 206 || status === 304) {
    fields.ETag = chosen.etag;
    fields["Last-Modified"] = writeDate(file.modified);
  }
  if (status !== 304) fields["Accept-Ranges"] = "bytes";
  if (file.codings.size > 0) fields.Vary = "Accept-Encoding";
  return fields;
}

/** RFC 9110 section 12.5.3; the first of the best liked of brotli, gzip, identity. */
function choose(file, accept) {
  if (accept === undefined || file.codings.size === 0) return file.identity;
  const weights = weightsOf(accept);
  const any = weights.get("*");
  let best = file.identity;
  let most = 0;
  for (const [coding, representation] of file.codings) {
    const weight = weights.get(coding) ?? any ?? 0;
    if (weight > most) [best, most] = [representation, weight];
  }
  // Not named, identity is acceptable, but less liked than anything that is named.
  return (weights.get("identity") ?? any ?? 0.0001) > most ? file.identity : best;
}

/** The weight of each coding; a member with a malformed weight is ignored. */
function weightsOf(accept) {
  const weights = new Map();
  for (const member of accept.split(",")) {
    const [name, parameter] = member.split(";").map((part) => part.trim());
    const coding = name.toLowerCase() === "x-gzip" ? "gzip" : name.toLowerCase();
    const [, weight] = /^q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter ?? "q=1") ?? [];
    if (weight !== undefined) weights.set(coding, Number(weight));
  }
  return weights;
}

/** 200 to go on, 304 or 412: the order of RFC 9110 section 13.2.2. */
function precondition(file, chosen, request) {
  if (request["if-match"] !== undefined) {
    if (!matches(request["if-match"], chosen.etag, false)) return 412;
  } else {
    const date = readDate(request["if-unmodified-since"]);
    if (date !== null && file.modified > date) return 412;
  }
  if (request["if-none-match"] !== undefined) {
    return matches(request["if-none-match"], chosen.etag, true) ? 304 : 200;
  }
  const date = readDate(request["if-modified-since"]);
  return date !== null && file.modified <= date ? 304 : 200;
}

/** Strong or weak comparison (RFC 9110 section 8.8.3.2) with a list or `*`. */
function matches(list, etag, weakly) {
  const members = list.split(",").map((member) => member.trim());
  if (members.length === 1 && members[0] === "*") return true;
  return members.some((tag) => tag === etag || (weakly && tag === `W/${etag}`));
}

function part(file, chosen, method, request, now) {
  const { content } = chosen;
  const whole = { status: 200, content, fields: {} };
  if (method !== "GET" || !rangeHolds(file, chosen, request["if-range"], now)) return whole;
  const range = rangeOf(request.range, content.length);
  if (range === null) return whole;
  const [start, last] = range;
  if (start >= content.length) {
    return { ...bare(416), fields: { "Content-Range": `bytes */${content.length}` } };
  }
  const fields = { "Content-Range": `bytes ${start}-${last}/${content.length}` };
  return { status: 206, content: content.subarray(start, last + 1), fields };
}

/**
 * The first and the last position (RFC 9110 section 14.1.2); null where the field is ignored. A
 * range that begins behind the end is not satisfiable.
 */
function rangeOf(field, length) {
  const [, from, to] = /^\s*bytes=\s*([0-9]*)-([0-9]*)\s*$/i.exec(field ?? "") ?? [];
  if (from === undefined || (from === "" && to === "")) return null;
  const end = length - 1;
  if (from === "") return Number(to) === 0 ? [length, end] : [Math.max(length - to, 0), end];
  if (to !== "" && isLess(to, from)) return null;
  return [Number(from), to === "" ? end : Math.min(Number(to), end)];
}

/** Of decimal digits: as numbers, those of more than sixteen digits would be rounded. */
function isLess(one, other) {
  return BigInt(one) < BigInt(other);
}

/** RFC 9110 section 13.1.5: a strong tag that is equal, or a date that is equal. */
function rangeHolds(file, chosen, ifRange, now) {
  if (ifRange === undefined) return true;
  const field = ifRange.trim();
  if (field.startsWith('"') || field.startsWith("W/")) return field === chosen.etag;
  // Within the second of its change a file could change again under the same date.
  return readDate(field) === file.modified && file.modified + 1 <= now / 1000;
}
