// What a request's fields say of its frame, which Node leaves to its users.

import { isIPv6 } from "node:net";

/**
 * The status that a request's fields call for before anybody looks at its target, and why; null
 * where they are right. `rawHeaders` are names and values in turn, as Node read them.
 */
export function refusalOf({ rawHeaders, headers, httpVersion }) {
  const coding = headers["transfer-encoding"];
  // Whatever is not chunked alone leaves open where the content ends, or what it is (RFC 9112
  // sections 6.1 and 6.3).
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked") {
    return { status: 501, text: "no transfer coding but chunked is known" };
  }
  if (!hasOneHost(rawHeaders, httpVersion)) {
    return { status: 400, text: "a request has one valid Host field" };
  }
  return null;
}

/** Whether a request is the last on its connection, as far as its fields decide it. */
export function isLast({ headers, httpVersion }) {
  const options = (headers.connection ?? "").toLowerCase().split(",");
  if (options.some((option) => option.trim() === "close")) return true;
  // HTTP/1.0 knows no transfer codings (RFC 9112 section 6.1).
  return httpVersion === "1.0" && headers["transfer-encoding"] !== undefined;
}

/**
 * Whether a request has one valid Host (RFC 9112 section 3.2). Node drops a second one silently.
 */
function hasOneHost(rawHeaders, httpVersion) {
  let found;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name.length === 4 && name.toLowerCase() === "host") {
      if (found !== undefined) return false;
      found = rawHeaders[at + 1];
    }
  }
  return found === undefined ? httpVersion === "1.0" : isHost(found);
}

/** `uri-host [ ":" port ]` (RFC 9110 section 7.2); it may be empty. */
export function isHost(value) {
  const [, name, literal] =
    /^(?:([\w.~!$&'()*+,;=%-]*)|\[([^\]]*)\])(?::[0-9]{0,5})?$/.exec(value) ?? [];
  return name !== undefined || (literal !== undefined && isLiteral(literal));
}

function isLiteral(address) {
  return isIPv6(address) || /^v[0-9a-f]+\../i.test(address);
}
