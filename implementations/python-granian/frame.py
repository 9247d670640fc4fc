"""What granian leaves to its applications, as ASGI around them: one valid Host, paths byte by byte."""

import ipaddress
import re

_NAME = re.compile(rb"[\w.~!$&'()*+,;=%-]*", re.ASCII)
_PORT = re.compile(rb"(:[0-9]{0,5})?")


class Frame:
    def __init__(self, application) -> None:
        self._application = application

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            if not has_one_host(scope):
                await refuse(send, 400, b"a request has one valid Host field", close=True)
                return
            if not is_exact(scope["raw_path"]):
                await refuse(send, 404, b"not found")
                return
        await self._application(scope, receive, send)


def has_one_host(scope) -> bool:
    """RFC 9112 section 3.2. granian shows a Host that is missing as an empty one, and calls HTTP/1.0 1;
    an empty host is none of an http URI (RFC 9110 section 4.2.1)."""
    found = [value for name, value in scope["headers"] if name == b"host"]
    if found in ([], [b""]):
        return scope["http_version"] in ("1", "1.0")
    return len(found) == 1 and is_host(found[0])


def is_host(value: bytes) -> bool:
    """`uri-host [ ":" port ]` (RFC 9110 section 7.2)."""
    if value.startswith(b"["):
        address, bracket, port = value[1:].partition(b"]")
        return bool(bracket) and is_literal(address) and _PORT.fullmatch(port) is not None
    name, colon, port = value.partition(b":")
    return _NAME.fullmatch(name) is not None and _PORT.fullmatch(colon + port) is not None


def is_literal(address: bytes) -> bool:
    try:
        return bool(ipaddress.IPv6Address(address.decode()))
    except ValueError:
        return re.fullmatch(rb"[vV][0-9a-fA-F]+\..+", address) is not None


def is_exact(path: bytes) -> bool:
    """Frameworks decode paths before they compare them, and some leave a last slash out."""
    if path.startswith(b"/static/"):
        return not path.endswith(b"/")
    return b"%" not in path and b"//" not in path and not (path.endswith(b"/") and path != b"/")


async def refuse(send, status: int, text: bytes, close: bool = False) -> None:
    fields = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text))]
    if close:
        fields.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": text})
