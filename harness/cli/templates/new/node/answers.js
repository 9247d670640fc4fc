// The endpoints: add one here, and its id to `endpoints` in implementation.yaml.

import { PLAINTEXT, message } from "../_shared/node/payload.js";
import { split } from "../_shared/node/target.js";

/** Answers one request, whose fields are in order. A framework takes this function's place. */
export function answer(request, response) {
  // An unwanted body is read and forgotten, so that its connection can go on.
  request.resume();
  // As it came: paths are compared byte by byte.
  const [path] = split(request.url);
  switch (path) {
    case "/plaintext":
      get(request, response, () => text(response, 200, PLAINTEXT));
      break;
    case "/json":
      get(request, response, () => object(response, message()));
      break;
    default:
      text(response, 404, "not found");
  }
}

function get(request, response, answered) {
  if (request.method === "GET" || request.method === "HEAD") {
    answered();
    return;
  }
  response.setHeader("Allow", "GET, HEAD");
  text(response, 405, "method not allowed");
}

export function text(response, status, body) {
  respond(response, status, "text/plain", body);
}

/** Serialised for each request, as the contract asks. */
function object(response, value) {
  respond(response, 200, "application/json", JSON.stringify(value));
}

function respond(response, status, contentType, body) {
  // Node leaves the body of an answer to HEAD out.
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}
