// The environment of spec/contract.md.

/** A variable that does not say what it must. */
export class WrongSetting extends Error {}

/**
 * What the process is started with. Without DATABASE_URL there is no database.
 *
 * @param {Record<string, string | undefined>} environment
 */
export function readSettings(environment) {
  const number = (name, otherwise, least) => {
    const text = environment[name] ?? otherwise;
    if (!/^[0-9]{1,9}$/.test(text) || Number(text) < least) {
      throw new WrongSetting(`${name} is "${text}": expected a whole number, ${least} or more`);
    }
    return Number(text);
  };
  return {
    host: environment.HOST ?? "127.0.0.1",
    port: number("PORT", "8080", 0),
    workers: number("WORKERS", "1", 1),
    staticDir: environment.STATIC_DIR,
    databaseUrl: environment.DATABASE_URL,
    databasePool: number("DATABASE_POOL", "16", 1),
  };
}

/** The connections of one of `workers` processes, so that all together have exactly `total`. */
export function shareOfPool(total, workers, worker) {
  return Math.floor(total / workers) + (worker < total % workers ? 1 : 0);
}
