"""What the endpoints answer, as values, before they are serialised."""

import asyncio
import json
import time
from urllib.parse import unquote_plus

from entry_shared import ECHO_LIMIT, arguments


class Refused(Exception):
    """A request that is answered with a status and a text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def user(segment: str) -> dict:
    number = arguments.user_id(segment)
    if number is None:
        raise Refused(400, "an id is a whole number from 1 to 2^53-1")
    return {"id": number, "name": f"user-{number}"}


def search(query) -> dict:
    wanted = first(query, "q")
    if not wanted:
        raise Refused(400, "q is missing or empty")
    return {"query": wanted, "limit": arguments.limit(first(query, "limit"))}


async def delay(segment: str) -> dict:
    milliseconds = arguments.delay_ms(segment)
    if milliseconds is None:
        raise Refused(400, "a delay is a whole number from 0 to 10000")
    due = time.monotonic() + milliseconds / 1000
    # uvloop counts from when its round of events began, so that a busy one wakes too early.
    while (rest := due - time.monotonic()) > 0:
        await asyncio.sleep(rest)
    return {"delayed_ms": milliseconds}


def echo(body: str | bytes):
    content = body.encode() if isinstance(body, str) else bytes(body)
    if len(content) > ECHO_LIMIT:
        raise Refused(413, "the body is longer than 1 MiB")
    try:
        text = content.decode()
        return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None


def count(query) -> int:
    return arguments.queries(first(query, "queries"))


def first(query, name: str) -> str | None:
    """The first parameter of this name. Robyn splits the query and leaves values encoded."""
    values = query.get_all(name)
    return unquote_plus(values[0]) if values else None


def refuse_constant(constant: str):
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")
