"""The environment of spec/contract.md."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    workers: int
    static_dir: str | None
    database_url: str | None
    database_pool: int

    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
            host=os.environ.get("HOST", "127.0.0.1"),
            port=_number("PORT", "8080", at_least=0),
            workers=_number("WORKERS", "1", at_least=1),
            static_dir=os.environ.get("STATIC_DIR"),
            database_url=os.environ.get("DATABASE_URL"),
            database_pool=_number("DATABASE_POOL", "16", at_least=1),
        )


def _number(name: str, default: str, at_least: int) -> int:
    text = os.environ.get(name, default)
    if not (text.isascii() and text.isdigit() and int(text) >= at_least):
        raise SystemExit(f"{name} is `{text}`, expected a whole number of at least {at_least}")
    return int(text)


def share_of_pool(total: int, workers: int, worker: int) -> int:
    """The connections of one of `workers` processes, so that all together have exactly `total`."""
    return total // workers + (1 if worker < total % workers else 0)
