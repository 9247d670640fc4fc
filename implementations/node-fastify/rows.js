// What the endpoints with a database answer, whichever engine serves them.

import { first, queries } from "../_shared/node/arguments.js";
import { drawIds } from "../_shared/node/database.js";
import { world } from "../_shared/node/payload.js";

/** The value that one of the JSON endpoints answers, before it is serialised. */
export async function rows(database, path, query) {
  if (path === "/db") {
    const [row] = await database.worlds(drawIds(1));
    return world(...row);
  }
  const ids = drawIds(queries(first(query, "queries")));
  if (path === "/queries") return (await database.worlds(ids)).map((row) => world(...row));
  const numbers = await (path === "/updates" ? database.update(ids) : database.cached(ids));
  return ids.map((id) => world(id, numbers.get(id)));
}
