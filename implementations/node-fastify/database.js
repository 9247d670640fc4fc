// The connections of one process: pg's pool, filled at start, which outlives its database.

import pg from "pg";

import {
  DEADLINE_MS,
  RECONNECT_MS,
  SELECT_FORTUNES,
  SELECT_WORLD,
  SESSION_OPTIONS,
  UPDATE_WORLDS,
  WorldCache,
  drawNumbers,
} from "../_shared/node/database.js";

/** The rows did not come. */
export class Unavailable extends Error {}

export class Database {
  #pool;
  #size;
  #cache = new WorldCache();

  /** Opens `size` connections in the background and keeps them. */
  constructor(url, size) {
    this.#size = size;
    this.#pool = new pg.Pool({
      connectionString: url,
      options: SESSION_OPTIONS,
      max: size,
      min: size,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: DEADLINE_MS,
      // The statements of a request are sent together.
      pipeline: true,
    });
    // Without a listener, a connection that breaks ends the process: an idle one tells the pool,
    // one that is in use itself. Who uses it hears of it by the statement that fails.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => client.on("error", () => {}));
    this.#fill();
    setInterval(() => this.#fill(), RECONNECT_MS).unref();
  }

  /** A row for each id, as pairs, each read by a statement of its own. */
  worlds(ids) {
    return this.#withClient((client) => readWorlds(client, ids));
  }

  /** Reads rows and gives them new numbers; the numbers by id. */
  update(ids) {
    const numbers = drawNumbers(ids);
    return this.#withClient(async (client) => {
      await readWorlds(client, ids);
      const values = [[...numbers.keys()], [...numbers.values()]];
      await client.query({ name: "update", text: UPDATE_WORLDS, values });
      return numbers;
    });
  }

  /** The numbers by id, from the cache or from the table. */
  cached(ids) {
    return this.#cache.numbers(ids, (missing) => this.worlds(missing));
  }

  fortunes() {
    return this.#withClient(async (client) => {
      const query = { name: "fortunes", text: SELECT_FORTUNES, rowMode: "array" };
      return (await client.query(query)).rows;
    });
  }

  /** pg opens a connection when it is asked for one and has none idle: so it is asked for all. */
  #fill() {
    const missing = this.#size - this.#pool.totalCount;
    if (missing <= 0) return;
    for (let asked = this.#pool.idleCount + missing; asked > 0; asked -= 1) {
      this.#pool.connect().then(
        (client) => client.release(),
        () => {},
      );
    }
  }

  /**
   * One deadline holds for a connection and all statements of a request. A connection on which
   * anything failed is closed: whatever still comes on it belongs to nobody.
   */
  async #withClient(work) {
    const due = performance.now() + DEADLINE_MS;
    let client;
    try {
      client = await this.#pool.connect();
      const result = await before(due, work(client));
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw new Unavailable("the rows did not come", { cause: error });
    }
  }
}

async function readWorlds(client, ids) {
  const read = async (id) => {
    const query = { name: "world", text: SELECT_WORLD, values: [id], rowMode: "array" };
    return (await client.query(query)).rows[0];
  };
  return Promise.all(ids.map(read));
}

/** What `work` gives, unless it takes longer than until `due`. */
function before(due, work) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error("the deadline has passed"));
    const timer = setTimeout(late, due - performance.now());
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
