"""What the Python entries share: the environment they are started with, arguments read from
paths and queries, and the pure rules for static files.

Nothing here reads a socket, frames HTTP or routes a request: that is what the harness measures,
so it stays visible in each entry's own folder.
"""

import pathlib

ECHO_LIMIT = 1 << 20
"""The longest body that POST /echo takes, in bytes (1 MiB)."""

TEMPLATES = pathlib.Path(__file__).resolve().parent.parent / "templates"
"""Where the page of /fortunes is."""
