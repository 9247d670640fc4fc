"""What Frame lets through to an application."""

import asyncio
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from frame import Frame, is_exact, is_host


def asked(path: bytes, headers, version: str = "1.1"):
    """The status of one request, and whether the application saw it."""
    sent, seen = [], []

    async def application(_scope, _receive, _send):
        seen.append(path)

    async def send(event):
        sent.append(event)

    scope = {"type": "http", "http_version": version, "raw_path": path, "headers": headers}
    asyncio.run(Frame(application)(scope, None, send))
    return (sent[0]["status"] if sent else None, bool(seen))


class Frames(unittest.TestCase):
    def test_hosts(self):
        for good in (b"h", b"127.0.0.1:8080", b"[::1]", b"[::1]:80", b"h:", b"a_b"):
            self.assertTrue(is_host(good), good)
        for bad in (b"a b", b"a/b", b"u@h", b"h:x", b"h:123456", b"[::1", b"::1", b"[x]", b"[::1]x"):
            self.assertFalse(is_host(bad), bad)

    def test_a_request_has_one_host(self):
        host = (b"host", b"h")
        self.assertEqual(asked(b"/plaintext", [host]), (None, True))
        self.assertEqual(asked(b"/plaintext", [(b"host", b"")], "1"), (None, True))
        for headers in ([], [host, host], [(b"host", b"")], [(b"host", b"a b")]):
            self.assertEqual(asked(b"/plaintext", headers), (400, False), headers)

    def test_paths_are_compared_as_they_came(self):
        for path in (b"/plaintext", b"/users/1", b"/static/a%20b", b"/"):
            self.assertTrue(is_exact(path), path)
        for path in (b"/plaintext/", b"/plain%74ext", b"//plaintext", b"/static/a/"):
            self.assertEqual(asked(path, [(b"host", b"h")]), (404, False), path)


if __name__ == "__main__":
    unittest.main()
