"""The answers of the contract."""

import json
import time
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from entry_shared import ECHO_LIMIT, arguments
from entry_shared.static_files import Catalogue, decide

_JSON = [("Content-Type", "application/json")]
_TEXT = [("Content-Type", "text/plain; charset=utf-8")]


@dataclass
class Answer:
    status: int
    fields: list[tuple[str, str]]
    content: bytes

    @classmethod
    def json(cls, value) -> "Answer":
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cls(200, _JSON, text.encode())

    @classmethod
    def text(cls, status: int, text: str, fields=()) -> "Answer":
        return cls(status, [*_TEXT, *fields], text.encode())


class Endpoints:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._exact = {
            "/plaintext": self._plaintext,
            "/json": self._json,
            "/search": self._search,
            "/echo": self._echo,
            "/upload": self._upload,
        }
        self._by_segment = {"users": self._user, "static": self._static, "delay": self._delay}

    def answer(self, method: str, target: str, fields, body) -> Answer:
        path, _, query = target.partition("?")
        if target == "*" or "://" in target:
            path, query = urlsplit(target).path, urlsplit(target).query
        handler, segment = self._exact.get(path), None
        if handler is None:
            collection, _, segment = path[1:].partition("/")
            if segment and "/" not in segment:
                handler = self._by_segment.get(collection)
        if handler is None:
            return Answer.text(404, "not found")
        methods = ("POST",) if handler in (self._echo, self._upload) else ("GET", "HEAD")
        if method == "OPTIONS":
            return Answer(204, [("Allow", ", ".join((*methods, "OPTIONS")))], b"")
        if method not in methods:
            allow = [("Allow", ", ".join((*methods, "OPTIONS")))]
            return Answer.text(405, "method not allowed", allow)
        return handler(Call(method, segment, query, fields, body))

    def _plaintext(self, _call) -> Answer:
        return Answer(200, _TEXT, b"Hello, World!")

    def _json(self, _call) -> Answer:
        return Answer.json({"message": "Hello, World!"})

    def _user(self, call) -> Answer:
        user = arguments.user_id(call.segment)
        if user is None:
            return Answer.text(400, "an id is a whole number from 1 to 2^53-1")
        return Answer.json({"id": user, "name": f"user-{user}"})

    def _search(self, call) -> Answer:
        try:
            found = parse_qs(call.query, keep_blank_values=True, errors="strict")
        except ValueError:
            return Answer.text(400, "the query is not UTF-8")
        first = {name: values[0] for name, values in found.items()}
        if not first.get("q"):
            return Answer.text(400, "q is missing or empty")
        return Answer.json({"query": first["q"], "limit": arguments.limit(first.get("limit"))})

    def _delay(self, call) -> Answer:
        delay = arguments.delay_ms(call.segment)
        if delay is None:
            return Answer.text(400, "a delay is a whole number from 0 to 10000")
        time.sleep(delay / 1000)
        return Answer.json({"delayed_ms": delay})

    def _echo(self, call) -> Answer:
        content = call.body.all(ECHO_LIMIT)
        if content is None:
            return Answer.text(413, "the body is longer than 1 MiB")
        try:
            value = json.loads(content.decode(), parse_constant=_refuse)
            return Answer.json(value)
        except (ValueError, RecursionError):
            return Answer.text(400, "the body is not JSON")

    def _upload(self, call) -> Answer:
        length, checksum = 0, 0
        for piece in call.body.pieces():
            length += len(piece)
            checksum = zlib.crc32(piece, checksum)
        return Answer.json({"bytes": length, "crc32": f"{checksum:08x}"})

    def _static(self, call) -> Answer:
        file = self._catalogue.find(call.segment)
        if file is None:
            return Answer.text(404, "not found")
        decision = decide(file, call.method, call.fields())
        return Answer(decision.status, decision.fields, decision.content)


@dataclass
class Call:
    """One request, as far as an endpoint sees it."""

    method: str
    segment: str | None
    query: str
    fields: object
    body: object


def _refuse(constant: str):
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")
