// The endpoints: add one here, and its id to `endpoints` in implementation.yaml.

interface Message {
  message: string;
}

/** `uri-host [ ":" port ]` (RFC 9110 section 7.2), which Bun leaves to its user; it may be empty. */
const HOST = /^([\w.~!$&'()*+;=%-]*|\[[\da-f:.]+\])(:\d{0,5})?$/i;

/** Answers one request. A framework (Elysia, Hono ...) takes this function's place. */
export async function answer(request: Request): Promise<Response> {
  // An unwanted body is read and forgotten, so that its connection can go on.
  if (request.body !== null) await discard(request.body);
  if (!HOST.test(request.headers.get("host") ?? "")) return text(400, "a request has one valid Host field");
  switch (pathOf(request.url)) {
    case "/plaintext":
      return get(request, () => text(200, "Hello, World!"));
    case "/json":
      return get(request, () => json({ message: "Hello, World!" }));
    default:
      return text(404, "not found");
  }
}

async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  while (!(await reader.read()).done);
}

/** As it came, without the query: paths are compared byte by byte. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", start);
  return url.slice(start, end < 0 ? undefined : end);
}

function get(request: Request, answered: () => Response): Response {
  // The body of an answer to HEAD is left out by Bun.
  if (request.method === "GET") return answered();
  if (request.method === "HEAD") {
    const response = answered();
    // Which Bun leaves out here.
    response.headers.set("Date", new Date().toUTCString());
    return response;
  }
  return text(405, "method not allowed", { Allow: "GET, HEAD" });
}

export function text(status: number, body: string, fields: Record<string, string> = {}): Response {
  return new Response(body, {
    status,
    headers: { Server: "Bun", "Content-Type": "text/plain", ...fields },
  });
}

/** Serialised for each request, as the contract asks. */
function json(value: Message): Response {
  return new Response(JSON.stringify(value), {
    headers: { Server: "Bun", "Content-Type": "application/json" },
  });
}
