// A request's target, as it came: paths are compared byte by byte.

/**
 * The path and the query of a target. Of the absolute form (RFC 9112 section 3.2.2) scheme and
 * authority are left out; a server must take it.
 */
export function split(target) {
  const origin = target.startsWith("/") ? target : fromAbsolute(target);
  const mark = origin.indexOf("?");
  return mark < 0 ? [origin, ""] : [origin.slice(0, mark), origin.slice(mark + 1)];
}

/** The target in its origin form. */
export function originForm(target) {
  const [path, query] = split(target);
  return query === "" ? path : `${path}?${query}`;
}

/**
 * Whether a router that decodes what it compares may see this path. A name of a file may be
 * encoded; anything else that is encoded is another path than ours.
 */
export function isPlain(path) {
  return !path.includes("%") || path.startsWith("/static/");
}

function fromAbsolute(target) {
  const [found] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (found === undefined) return target;
  const rest = target.slice(found.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}
