// The page of /fortunes.

const ADDITIONAL = [0, "Additional fortune added at request time."];
const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The page of these rows (id and message) and the additional one, sorted by message. */
export function page(rows) {
  const sorted = [...rows, ADDITIONAL].sort(([, one], [, other]) => compare(one, other));
  const line = ([id, message]) => `<tr><td>${id}</td><td>${escape(message)}</td></tr>\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Fortunes</title>
</head>
<body>
<table>
<tr><th>id</th><th>message</th></tr>
${sorted.map(line).join("")}</table>
</body>
</html>
`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => ESCAPED[character]);
}

/**
 * By code points. JavaScript compares UTF-16 units, of which the halves of a pair (above U+FFFF)
 * are less than U+E000 to U+FFFF.
 */
function compare(one, other) {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return one.length - other.length;
}

function rank(unit) {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
