"""The endpoints as an ASGI application: put a framework in its place.

Add an endpoint here, and its id to `endpoints` in implementation.yaml.
"""

import json

TEXT = "text/plain; charset=utf-8"


async def app(scope, receive, send) -> None:
    status, content_type, body, fields = answer(scope)
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
            *fields,
        ],
    }
    # An unwanted body is read to its end, so that its connection can go on.
    while (await receive()).get("more_body"):
        pass
    await send(start)
    await send({"type": "http.response.body", "body": body})


def answer(scope) -> tuple[int, str, bytes, list]:
    """Status, media type, body and further fields."""
    if not has_one_host(scope):
        return 400, TEXT, b"a request has one valid Host field", [(b"connection", b"close")]
    # As it came: paths are compared byte by byte.
    path = scope["raw_path"].partition(b"?")[0]
    if path not in (b"/plaintext", b"/json"):
        return 404, TEXT, b"not found", []
    if scope["method"] not in ("GET", "HEAD"):
        return 405, TEXT, b"method not allowed", [(b"allow", b"GET, HEAD")]
    if path == b"/plaintext":
        return 200, TEXT, b"Hello, World!", []
    return 200, "application/json", json.dumps({"message": "Hello, World!"}).encode(), []


def has_one_host(scope) -> bool:
    """HTTP/1.1 asks for one Host (RFC 9112 section 3.2); uvicorn leaves it to its user."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if not hosts:
        return scope["http_version"] == "1.0"
    return len(hosts) == 1 and not any(char in b" \t/\\?#@" for char in hosts[0])
