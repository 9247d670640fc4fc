// The endpoints: add one here, and its id to `endpoints` in implementation.yaml.

/** Answers one request. */
export function answer(request, response) {
  response.setHeader("Server", "node");
  if (!hasOneHost(request)) {
    response.setHeader("Connection", "close");
    text(response, 400, "a request has one valid Host field");
    return;
  }
  // An unwanted body is read and forgotten, so that its connection can go on.
  request.resume();
  // As it came: paths are compared byte by byte.
  const [path] = request.url.split("?", 1);
  switch (path) {
    case "/plaintext":
      get(request, response, () => text(response, 200, "Hello, World!"));
      break;
    case "/json":
      get(request, response, () => object(response, { message: "Hello, World!" }));
      break;
    default:
      text(response, 404, "not found");
  }
}

/** HTTP/1.1 asks for one Host (RFC 9112 section 3.2); Node drops a second one silently. */
function hasOneHost(request) {
  const isName = (_text, index) => index % 2 === 0;
  const names = request.rawHeaders.filter(isName).filter((name) => name.toLowerCase() === "host");
  if (names.length === 0) return request.httpVersion === "1.0";
  return names.length === 1 && !/[\s/\\?#@]/.test(request.headers.host);
}

function get(request, response, answered) {
  if (request.method === "GET" || request.method === "HEAD") {
    answered();
    return;
  }
  response.setHeader("Allow", "GET, HEAD");
  text(response, 405, "method not allowed");
}

function text(response, status, body) {
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
