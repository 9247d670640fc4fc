"""The body of a request: Content-Length and chunked (RFC 9112 sections 6 and 7)."""

import re

from endpoints import Answer

_LENGTH = re.compile(r"[0-9]+", re.ASCII)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;[^\r\n]*)?\r\n")
_LONGEST_LINE = 8192
_PIECE = 64 * 1024
# What an endpoint leaves unread is read up to here, so that the connection can go on.
_DISCARD_LIMIT = 1 << 20


class BodyError(Exception):
    """The framing is broken; the connection cannot go on."""


class BodyReader:
    def __init__(self, source, headers) -> None:
        self._source = source
        self._chunked = headers.get("transfer-encoding") is not None
        self._left = 0 if self._chunked else int(headers.get("content-length") or 0)
        self._ended = not self._chunked and self._left == 0

    @staticmethod
    def refusal(headers) -> Answer | None:
        lengths = headers.get_all("content-length") or []
        codings = headers.get_all("transfer-encoding") or []
        members = [one.strip(" \t") for line in lengths for one in line.split(",")]
        if any(not _LENGTH.fullmatch(one) or len(one) > 18 for one in members):
            return Answer.text(400, "the Content-Length is no number")
        if len(set(members)) > 1 or len(members) > 1:
            return Answer.text(400, "there are several Content-Length")
        if codings and members:
            return Answer.text(400, "Transfer-Encoding and Content-Length together")
        if codings and ",".join(codings).strip(" \t").lower() != "chunked":
            return Answer.text(501, "the only transfer coding here is chunked")
        return None

    def pieces(self):
        """The body piece by piece; memory stays flat."""
        while not self._ended:
            yield from self._next()

    def all(self, limit: int) -> bytes | None:
        """The whole body; None when it is longer than `limit` bytes."""
        if not self._chunked and self._left > limit:
            return None
        content = bytearray()
        for piece in self.pieces():
            content += piece
            if len(content) > limit:
                return None
        return bytes(content)

    def drained(self) -> bool:
        """Reads and forgets what is left; False when that is too much."""
        if not self._chunked and self._left > _DISCARD_LIMIT:
            return False
        return self.all(_DISCARD_LIMIT) is not None

    def _next(self):
        if self._chunked and self._left == 0:
            self._left = self._chunk_size()
            if self._left == 0:
                self._trailers()
                self._ended = True
                return
        piece = self._source.read(min(self._left, _PIECE))
        if not piece:
            raise BodyError("the body ended early")
        self._left -= len(piece)
        if self._left == 0:
            if self._chunked:
                if self._source.read(2) != b"\r\n":
                    raise BodyError("a chunk does not end with CRLF")
            else:
                self._ended = True
        yield piece

    def _chunk_size(self) -> int:
        match = _CHUNK.fullmatch(self._source.readline(_LONGEST_LINE))
        if match is None:
            raise BodyError("a chunk size is malformed")
        return int(match[1], 16)

    def _trailers(self) -> None:
        for _ in range(100):
            line = self._source.readline(_LONGEST_LINE)
            if line == b"\r\n":
                return
            if not line.endswith(b"\r\n") or b":" not in line:
                break
        raise BodyError("the trailer section is malformed")
