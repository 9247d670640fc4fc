"""The rules for GET /static/{file}: which file, which coding, which status, which bytes.

The files of STATIC_DIR are held in memory. `Catalogue.find` gives a file, `decide` what to answer.
"""

import hashlib
import os
import re
import stat
import time
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import unquote_to_bytes

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
_RANGE = re.compile(r"\s*bytes=\s*([0-9]*)-([0-9]*)\s*", re.ASCII | re.IGNORECASE)
_WEIGHT = re.compile(r"q=(0(\.[0-9]{0,3})?|1(\.0{0,3})?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Representation:
    content: bytes
    etag: str
    coding: str | None


@dataclass(frozen=True)
class StaticFile:
    media_type: str
    modified: int
    identity: Representation
    codings: dict[str, Representation]


@dataclass(frozen=True)
class Decision:
    """`content` is what a GET sends; a HEAD sends its length alone, a 304 neither."""

    status: int
    fields: list[tuple[str, str]]
    content: bytes


class Catalogue:
    def __init__(self, directory: str | None) -> None:
        found = dict(_read(directory)) if directory and os.path.isdir(directory) else {}
        self._files = {name: _static_file(name, found) for name in found}

    def find(self, segment: str) -> StaticFile | None:
        """The file of one percent-encoded path segment."""
        return self._files.get(unquote_to_bytes(segment))


def decide(file: StaticFile, method: str, request: dict[str, str]) -> Decision:
    """What to answer. `request` holds the request's fields by lower-case name; the lines of a
    repeated field are joined with commas (RFC 9110 section 5.3)."""
    chosen = _choose(file, request.get("accept-encoding"))
    status = _precondition(file, chosen, request)
    content, extra = b"", []
    if status == 200:
        status, content, extra = _content(file, chosen, method, request)
    return Decision(status, _fields(status, file, chosen) + extra, content)


def _read(directory: str):
    for item in os.scandir(os.fsencode(directory)):
        status = item.stat(follow_symlinks=False)
        hidden = item.name.startswith(b".") or b"\\" in item.name
        if stat.S_ISREG(status.st_mode) and not hidden:
            with open(item.path, "rb") as file:
                yield item.name, (file.read(), int(min(status.st_mtime, time.time())))


def _static_file(name: bytes, found: dict) -> StaticFile:
    content, modified = found[name]
    beside = {"br": name + b".br", "gzip": name + b".gz"}
    codings = {
        coding: _representation(found[other][0], coding)
        for coding, other in beside.items()
        if other in found
    }
    extension = os.path.splitext(os.fsdecode(name))[1]
    media_type = _MEDIA_TYPES.get(extension, "application/octet-stream")
    return StaticFile(media_type, modified, _representation(content, None), codings)


def _representation(content: bytes, coding: str | None) -> Representation:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Representation(content, f'"{digest}-{coding or "identity"}"', coding)


def _fields(status: int, file: StaticFile, chosen: Representation) -> list[tuple[str, str]]:
    fields = []
    if status in (200, 206):
        fields.append(("content-type", file.media_type))
        if chosen.coding:
            fields.append(("content-encoding", chosen.coding))
    if status in (200, 206, 304):
        fields.append(("etag", chosen.etag))
        fields.append(("last-modified", formatdate(file.modified, usegmt=True)))
    if status != 304:
        fields.append(("accept-ranges", "bytes"))
    if file.codings:
        fields.append(("vary", "accept-encoding"))
    return fields


def _choose(file: StaticFile, accept: str | None) -> Representation:
    """RFC 9110 section 12.5.3; the first of the best liked of brotli, gzip, identity."""
    if accept is None or not file.codings:
        return file.identity
    weights = _weights(accept)
    best, best_weight = file.identity, 0
    for coding in ("br", "gzip"):
        weight = weights.get(coding, weights.get("*", 0))
        if coding in file.codings and weight > best_weight:
            best, best_weight = file.codings[coding], weight
    # Not named, identity is acceptable, but less liked than anything that is named.
    identity = weights.get("identity", weights.get("*", 1))
    return file.identity if identity > best_weight else best


def _weights(accept: str) -> dict[str, int]:
    """Thousandths by coding; a member with a malformed weight is ignored."""
    weights = {}
    for member in accept.split(","):
        coding, *parameters = (part.strip() for part in member.split(";"))
        coding = "gzip" if coding.lower() == "x-gzip" else coding.lower()
        match = _WEIGHT.fullmatch(parameters[0]) if parameters else None
        if parameters and match is None:
            continue
        weights[coding] = round(float(match[1]) * 1000) if match else 1000
    return weights


def _precondition(file: StaticFile, chosen: Representation, request: dict[str, str]) -> int:
    """200 to go on, 304 or 412: the order of RFC 9110 section 13.2.2."""
    if (tags := request.get("if-match")) is not None:
        if not _matches(tags, chosen.etag, weak=False):
            return 412
    elif (date := _date(request.get("if-unmodified-since"))) is not None:
        if file.modified > date:
            return 412
    if (tags := request.get("if-none-match")) is not None:
        if _matches(tags, chosen.etag, weak=True):
            return 304
    elif (date := _date(request.get("if-modified-since"))) is not None:
        if file.modified <= date:
            return 304
    return 200


def _matches(tags: str, etag: str, weak: bool) -> bool:
    """Strong or weak comparison (RFC 9110 section 8.8.3.2) with a list or `*`."""
    members = [tag.strip() for tag in tags.split(",")]
    if members == ["*"]:
        return True
    if weak:
        members = [tag.removeprefix("W/") for tag in members]
    return etag in members


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text.strip()).timestamp() if text else None
    except (ValueError, TypeError):
        return None


def _content(file, chosen, method, request):
    whole = chosen.content
    part = _range(request.get("range"), len(whole)) if method == "GET" else None
    if part is None or not _range_holds(file, chosen, request.get("if-range")):
        return 200, whole, []
    if part is _UNSATISFIABLE:
        return 416, b"", [("content-range", f"bytes */{len(whole)}")]
    first, last = part
    return 206, whole[first : last + 1], [("content-range", f"bytes {first}-{last}/{len(whole)}")]


_UNSATISFIABLE = (-1, -1)


def _range(field: str | None, length: int) -> tuple[int, int] | None:
    """The first and last position (RFC 9110 section 14.1.2); None where the field is ignored."""
    match = _RANGE.fullmatch(field or "")
    if match is None or match.groups() == ("", ""):
        return None
    # Twenty digits are beyond every file, and int() refuses thousands of them.
    first, last = (int(digits.lstrip("0")[:20] or "0") if digits else None for digits in match.groups())
    if first is None:
        first, last = max(length - last, 0), length - 1
    elif last is None:
        last = length - 1
    elif last < first:
        return None
    return (first, min(last, length - 1)) if first < length else _UNSATISFIABLE


def _range_holds(file: StaticFile, chosen: Representation, if_range: str | None) -> bool:
    """RFC 9110 section 13.1.5: a strong tag that is equal, or a date that is equal."""
    if if_range is None:
        return True
    if if_range.strip().startswith(('"', "W/")):
        return if_range.strip() == chosen.etag
    return _date(if_range) == file.modified and file.modified + 1 <= time.time()
