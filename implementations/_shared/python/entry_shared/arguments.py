"""Arguments read from the path and the query of a request target."""

import re

MAX_USER_ID = 9_007_199_254_740_991
"""2^53-1, the largest integer that every JSON reader holds exactly (RFC 8259 section 6)."""
MAX_DELAY_MS = 10_000
ROWS = 10_000
"""Rows of the table `world`, with the ids 1 to 10000."""

# Not str.isdigit or int alone: these take other scripts' digits, underscores and white space.
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_INTEGER = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
# A number of more digits is beyond every bound, and int() refuses very long ones.
_LONGEST = 20


def user_id(segment: str) -> int | None:
    """The id that the last segment of /users/{id} names; None calls for 400."""
    value = _digits(segment)
    return value if value is not None and 1 <= value <= MAX_USER_ID else None


def delay_ms(segment: str) -> int | None:
    """The hold that /delay/{ms} names, in milliseconds; None calls for 400."""
    value = _digits(segment)
    return value if value is not None and value <= MAX_DELAY_MS else None


def limit(text: str | None) -> int:
    """`limit` of /search."""
    return _clamped(text, default=10, most=100)


def queries(text: str | None) -> int:
    """`queries` of /queries, /updates and /cached-queries."""
    return _clamped(text, default=1, most=500)


def _digits(text: str) -> int | None:
    if not _DIGITS.fullmatch(text):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits[:_LONGEST])


def _clamped(text: str | None, default: int, most: int) -> int:
    match = _INTEGER.fullmatch(text or "")
    if match is None:
        return default
    sign, digits = match.groups()
    if sign == "-":
        return 1
    return min(max(int(digits[:_LONGEST]), 1), most)
