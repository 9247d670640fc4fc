"""The end after SIGTERM. Robyn's engine stops accepting then; its event loop would run on for ever, and
with several processes Robyn kills them whatever they are at."""

import os
import signal
import sys
import threading
import time

import multiprocess

DRAIN_LIMIT_S = 4.0
"""How long requests in flight may take; the contract asks for an exit within 5 s."""
QUIET_S = 0.2
"""How long none may be in flight until the process ends: the last answer still has to be sent."""

in_flight = 0


stopping = False


def prepare(processes: int) -> None:
    """To be called before Robyn starts its processes, which take this over."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: threading.Thread(target=drain).start())
    multiprocess.process.BaseProcess.kill = terminate
    if processes > 1:
        threading.Thread(target=watch, args=(processes,), daemon=True).start()


def terminate(process) -> None:
    """In the place of `kill`, which Robyn calls for each process at SIGTERM."""
    global stopping
    stopping = True
    process.terminate()


def watch(processes: int) -> None:
    """Ends the whole when a process dies: Robyn would go on with fewer, until none is left."""
    started = 0
    while not stopping:
        time.sleep(0.01)
        alive = len(multiprocess.active_children())
        if alive < started and not stopping:
            print(f"python-robyn: {started - alive} of {processes} processes died", file=sys.stderr)
            for process in multiprocess.active_children():
                process.terminate()
            os._exit(1)
        started = max(started, alive)


def drain() -> None:
    deadline = time.monotonic() + DRAIN_LIMIT_S
    quiet_since = time.monotonic()
    while (now := time.monotonic()) < deadline and now - quiet_since < QUIET_S:
        if in_flight:
            quiet_since = now
        time.sleep(0.01)
    os._exit(0)


class Flight:
    """Counts a request for as long as it is answered."""

    def __enter__(self) -> None:
        global in_flight
        in_flight += 1

    def __exit__(self, *_error) -> None:
        global in_flight
        in_flight -= 1
