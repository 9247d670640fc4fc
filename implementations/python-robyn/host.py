"""Whether the value of a Host field is valid: `uri-host [ ":" port ]` (RFC 9110 section 7.2)."""

import ipaddress
import re

_NAME = re.compile(r"[\w.~!$&'()*+,;=%-]+", re.ASCII)
_PORT = re.compile(r"(:[0-9]{0,5})?", re.ASCII)


def is_host(value: str) -> bool:
    if value.startswith("["):
        address, bracket, port = value[1:].partition("]")
        return bool(bracket) and _is_literal(address) and _PORT.fullmatch(port) is not None
    name, colon, port = value.partition(":")
    return _NAME.fullmatch(name) is not None and _PORT.fullmatch(colon + port) is not None


def _is_literal(address: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(address))
    except ValueError:
        return re.fullmatch(r"[vV][0-9a-fA-F]+\..+", address) is not None
