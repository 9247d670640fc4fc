"""The contract's endpoints as a Flask application."""

import json
import time
import zlib

from flask import Flask, Response, jsonify, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException, abort
from werkzeug.routing import BaseConverter

import rows
from database import Database
from entry_shared import ECHO_LIMIT, arguments
from entry_shared.settings import Settings
from entry_shared.static_files import Catalogue, decide

_PIECE = 64 * 1024


class Segment(BaseConverter):
    """One path segment, whatever is in it."""

    regex = "[^/]+"
    part_isolating = True


def create_app(settings: Settings, worker: int) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.json.compact = True
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.url_map.converters["segment"] = Segment
    app.register_error_handler(HTTPException, refuse)
    add_routes(app, Catalogue(settings.static_dir))
    if settings.database_url:
        database = Database.of(settings, worker)
        app.register_blueprint(rows.blueprint(database))
    return app


def refuse(error: HTTPException) -> Response:
    response = Response(str(error.description), error.code or 500, mimetype="text/plain")
    if valid_methods := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(valid_methods))
    if error.code == 413:
        response.headers["Connection"] = "close"
    return response


def add_routes(app: Flask, catalogue: Catalogue) -> None:
    @app.get("/plaintext")
    def plaintext():
        return Response("Hello, World!", mimetype="text/plain")

    @app.get("/json")
    def json_message():
        return jsonify(message="Hello, World!")

    @app.get("/users/<segment:segment>")
    def user(segment: str):
        number = arguments.user_id(segment)
        if number is None:
            abort(400, "an id is a whole number from 1 to 2^53-1")
        return jsonify(id=number, name=f"user-{number}")

    @app.get("/search")
    def search():
        query = request.args.get("q")
        if not query:
            abort(400, "q is missing or empty")
        return jsonify(query=query, limit=arguments.limit(request.args.get("limit")))

    @app.get("/delay/<segment:segment>")
    def delay(segment: str):
        milliseconds = arguments.delay_ms(segment)
        if milliseconds is None:
            abort(400, "a delay is a whole number from 0 to 10000")
        time.sleep(milliseconds / 1000)
        return jsonify(delayed_ms=milliseconds)

    @app.post("/echo")
    def echo():
        content = b"".join(pieces(most=ECHO_LIMIT + 1))
        if len(content) > ECHO_LIMIT:
            abort(413, "the body is longer than 1 MiB")
        try:
            value = json.loads(content.decode(), parse_constant=refuse_constant)
            return jsonify(value)
        except (ValueError, RecursionError):
            abort(400, "the body is not JSON")

    @app.post("/upload")
    def upload():
        length, checksum = 0, 0
        for piece in pieces():
            length += len(piece)
            checksum = zlib.crc32(piece, checksum)
        return jsonify(bytes=length, crc32=f"{checksum:08x}")

    @app.get("/static/<segment:segment>")
    def static_file(segment: str):
        # The raw target: Werkzeug's own decoding would take an encoded slash for a separator.
        raw = request.environ["RAW_URI"].partition("?")[0].rpartition("/static/")[2]
        file = catalogue.find(raw)
        if file is None:
            abort(404, "not found")
        fields = {name.lower(): value for name, value in request.headers.items()}
        decision = decide(file, request.method, fields)
        response = Response(decision.content, decision.status)
        del response.headers["Content-Type"]
        for name, value in decision.fields:
            response.headers[name] = value
        return response


def pieces(most: int | None = None):
    """The content piece by piece, up to `most` bytes. Broken framing and content that ends early
    are the client's fault; gunicorn shows them as an error of reading and as an early end."""
    read = 0
    try:
        while piece := request.stream.read(_PIECE if most is None else min(_PIECE, most - read)):
            read += len(piece)
            yield piece
    except (OSError, ParseException) as error:
        abort(400, f"the content is malformed: {error}")
    expected = request.content_length
    if expected is not None and read < (expected if most is None else min(expected, most)):
        abort(400, "the content ended early")


def refuse_constant(constant: str):
    raise ValueError(f"{constant} is no JSON (RFC 8259 section 6)")
