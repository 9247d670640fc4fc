"""HTTP on one connection: what http.server leaves to its user."""

import re
import threading
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from body import BodyError, BodyReader
from endpoints import Answer, Endpoints

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:[0-9]*)?", re.ASCII)


class Handler(BaseHTTPRequestHandler):
    endpoints: Endpoints
    # A response is several small writes: without this each keep-alive request waits for the
    # client's delayed ACK (40 ms), and with it but unbuffered each write is a packet.
    disable_nagle_algorithm = True
    wbufsize = -1
    # An idle connection holds a thread.
    timeout = 60

    _in_flight = 0
    _lock = threading.Lock()

    @classmethod
    def in_flight(cls) -> int:
        return cls._in_flight

    def setup(self) -> None:
        super().setup()
        self.headers = None

    def version_string(self) -> str:
        return "http.server"

    def log_message(self, *_arguments) -> None:
        """The contract: nothing is logged per request."""

    def _serve(self) -> None:
        with Handler._lock:
            Handler._in_flight += 1
        try:
            self._answer()
        finally:
            with Handler._lock:
                Handler._in_flight -= 1

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def _answer(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            self.close_connection = True
            self._write(refusal)
            return
        body = BodyReader(self.rfile, self.headers)
        try:
            answer = self.endpoints.answer(self.command, self.path, self._fields, body)
            if not body.drained():
                self.close_connection = True
        except BodyError as error:
            self.close_connection = True
            answer = Answer.text(400, str(error))
        self._write(answer)

    def _refusal(self) -> Answer | None:
        """What RFC 9112 asks a server to refuse and http.server lets through."""
        hosts = self.headers.get_all("host") or []
        if self.request_version == "HTTP/1.1" and len(hosts) != 1:
            return Answer.text(400, "a request has exactly one Host")
        if any(_HOST.fullmatch(host.strip()) is None for host in hosts):
            return Answer.text(400, "the Host is malformed")
        if self.headers.defects or not all(_TOKEN.fullmatch(name) for name in self.headers):
            return Answer.text(400, "the fields are malformed")
        options = ",".join(self.headers.get_all("connection") or []).lower().split(",")
        if "close" in (option.strip(" \t") for option in options):
            self.close_connection = True
        # RFC 9112 section 6.1: chunked in an HTTP/1.0 message ends the connection.
        if self.request_version == "HTTP/1.0" and "transfer-encoding" in self.headers:
            self.close_connection = True
        return BodyReader.refusal(self.headers)

    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for name, value in self.headers.items():
            name = name.lower()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return fields

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.fields:
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.content)))
        if self.close_connection and self.request_version == "HTTP/1.1":
            self.send_header("Connection", "close")
        elif not self.close_connection and self.request_version == "HTTP/1.0":
            self.send_header("Connection", "keep-alive")
        self.end_headers()
        if self.command != "HEAD" and answer.status != 304:
            self.wfile.write(answer.content)

    def send_error(self, code, message=None, explain=None) -> None:
        """Errors that http.server itself finds, as text and with the connection closed."""
        if not hasattr(self, "request_version") or self.request_version == "HTTP/0.9":
            self.request_version = "HTTP/1.1"
        self.close_connection = True
        reason = message or HTTPStatus(code).phrase
        self._write(Answer.text(code, reason))

    def date_time_string(self, timestamp=None) -> str:
        return formatdate(timestamp, usegmt=True)
