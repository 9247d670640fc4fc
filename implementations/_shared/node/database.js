// What is asked of the database, and what is drawn for it. No client, no connection.

import { ROWS } from "./arguments.js";

/** How long a request may wait for its rows; the contract answers within 2 s. */
export const DEADLINE_MS = 1700;
/** Between attempts to reach a database that is away; the contract has 1 s. */
export const RECONNECT_MS = 500;
/** How old a row of /cached-queries may be. */
export const CACHE_MS = 60_000;
export const UNAVAILABLE = "the database does not answer";

/** The paths that are only there with a database. */
export const PATHS = ["/db", "/queries", "/updates", "/cached-queries", "/fortunes"];

export const SELECT_WORLD = "SELECT id, randomnumber FROM world WHERE id = $1";
export const SELECT_FORTUNES = "SELECT id, message FROM fortune";
export const UPDATE_WORLDS =
  "UPDATE world SET randomnumber = new.number" +
  " FROM unnest($1::int[], $2::int[]) AS new(id, number) WHERE world.id = new.id";
/**
 * A custom plan for many ids is a hash join, which locks the rows in another order than a nested
 * loop does: two requests of different sizes could then block each other.
 */
export const SESSION_OPTIONS = "-c plan_cache_mode=force_generic_plan";

export function draw() {
  return 1 + Math.floor(Math.random() * ROWS);
}

export function drawIds(count) {
  return Array.from({ length: count }, draw);
}

/**
 * A new number for each row, by ascending id, so that all requests lock rows in one order. A row
 * that was drawn twice gets one number, so that what is answered is what is in the table.
 */
export function drawNumbers(ids) {
  const ascending = [...new Set(ids)].sort((one, other) => one - other);
  return new Map(ascending.map((id) => [id, draw()]));
}

/** Rows of `world` in memory, each for CACHE_MS after it was read. */
export class WorldCache {
  #rows = new Map();

  /** The number of a row that is not too old. */
  get(id, now = performance.now()) {
    const row = this.#rows.get(id);
    if (row !== undefined && now < row.until) return row.number;
    return undefined;
  }

  set(id, number, now = performance.now()) {
    this.#rows.set(id, { number, until: now + CACHE_MS });
  }

  /**
   * The number of each of `ids`; those that are not here are read by `read`, which gives their
   * rows as pairs.
   */
  async numbers(ids, read) {
    const numbers = new Map();
    const missing = new Set();
    for (const id of ids) {
      const number = this.get(id);
      if (number === undefined) missing.add(id);
      else numbers.set(id, number);
    }
    if (missing.size > 0) {
      for (const [id, number] of await read([...missing])) {
        this.set(id, number);
        numbers.set(id, number);
      }
    }
    return numbers;
  }
}
