"""What the endpoints answer to requests as Robyn shows them."""

from urllib.parse import unquote_plus

from entry_shared import answers, arguments
from entry_shared.answers import Refused, delay, user

__all__ = ["Refused", "count", "delay", "echo", "search", "user"]


def search(query) -> dict:
    return answers.search(first(query, "q"), first(query, "limit"))


def echo(body: str | bytes):
    return answers.echo(body.encode() if isinstance(body, str) else bytes(body))


def count(query) -> int:
    return arguments.queries(first(query, "queries"))


def first(query, name: str) -> str | None:
    """The first parameter of this name. Robyn splits the query and leaves values encoded."""
    values = query.get_all(name)
    return unquote_plus(values[0]) if values else None
