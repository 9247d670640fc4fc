"""What endpoints answer, as values, before they are serialised: for frameworks that are asyncio's."""

import asyncio
import json
import time

from . import ECHO_LIMIT, arguments


class Refused(Exception):
    """A request that is answered with a status and a text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def user(segment: str) -> dict:
    number = arguments.user_id(segment)
    if number is None:
        raise Refused(400, "an id is a whole number from 1 to 2^53-1")
    return {"id": number, "name": f"user-{number}"}


def search(wanted: str | None, limit: str | None) -> dict:
    """`wanted` and `limit` are the decoded parameters q and limit."""
    if not wanted:
        raise Refused(400, "q is missing or empty")
    return {"query": wanted, "limit": arguments.limit(limit)}


async def delay(segment: str) -> dict:
    milliseconds = arguments.delay_ms(segment)
    if milliseconds is None:
        raise Refused(400, "a delay is a whole number from 0 to 10000")
    due = time.monotonic() + milliseconds / 1000
    # uvloop counts from when its round of events began, so that a busy one wakes too early.
    while (rest := due - time.monotonic()) > 0:
        await asyncio.sleep(rest)
    return {"delayed_ms": milliseconds}


def echo(content: bytes | bytearray):
    """What the body holds. Of a longer one than ECHO_LIMIT, more than the limit is enough."""
    if len(content) > ECHO_LIMIT:
        raise Refused(413, "the body is longer than 1 MiB")
    try:
        return json.loads(content.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None


def _refuse_constant(constant: str):
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")
