// Arguments read from the path and the query of a request's target.

/** 2^53-1, the largest integer that every JSON reader holds exactly (RFC 8259 section 6). */
export const MAX_USER_ID = Number.MAX_SAFE_INTEGER;
export const MAX_DELAY_MS = 10_000;
/** Rows of the table `world`, with the ids 1 to 10000. */
export const ROWS = 10_000;

/** The id that the last segment of /users/{id} names; null calls for 400. */
export function userId(segment) {
  const value = digits(segment);
  return value !== null && value >= 1 && value <= MAX_USER_ID ? value : null;
}

/** The hold that /delay/{ms} names, in milliseconds; null calls for 400. */
export function delayMs(segment) {
  const value = digits(segment);
  return value !== null && value <= MAX_DELAY_MS ? value : null;
}

/** `limit` of /search. */
export function limit(text) {
  return clamped(text, 10, 100);
}

/** `queries` of /queries, /updates and /cached-queries. */
export function queries(text) {
  return clamped(text, 1, 500);
}

/** The first parameter of this name in an undecoded query, decoded; null where there is none. */
export function first(query, name) {
  return query === "" ? null : new URLSearchParams(query).get(name);
}

// Not Number alone: that takes white space, exponents and other bases. A number of any length is
// one; beyond 2^53 it is only told that it is.
function digits(text) {
  return /^[0-9]+$/.test(text) ? Number(text) : null;
}

function clamped(text, otherwise, most) {
  const [, sign, unsigned] = /^([+-]?)([0-9]+)$/.exec(text ?? "") ?? [];
  if (unsigned === undefined) return otherwise;
  return sign === "-" ? 1 : Math.min(Math.max(Number(unsigned), 1), most);
}
