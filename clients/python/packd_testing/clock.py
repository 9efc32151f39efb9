"""A clock of a daemon's own, which stands still until it is set: libfaketime's."""

import datetime
import os
from pathlib import Path

import pytest

from .tokens import make_token

LIBRARY = "faketime/libfaketimeMT.so.1"


def find_library():
    """None without the Debian package "faketime"."""
    return next(iter(sorted(Path("/usr/lib").glob(f"*/{LIBRARY}"))), None)


needs_clock = pytest.mark.skipif(
    find_library() is None,
    reason="libfaketime is not installed: scripts/debian-packages.sh faketime")


class Clock:
    """Tells a daemon the time, UTC. Timeouts go on as ever: only the calendar is made up."""

    def __init__(self, daemon, start):
        self.path = daemon.folder / "clock"
        self.set(start)
        daemon.environment.update(self.environment)
        # At its start the library adds to the environment, and moves it; Swift, which looks for
        # its arguments beside it, then finds none. After env the addition is there already.
        daemon.wrapper = ["env"]

    @property
    def environment(self):
        return {
            "LD_PRELOAD": str(find_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }

    def set(self, text):
        """To a time such as "2023-01-20T10:15:30Z"."""
        self.now = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        # At once: the daemon may read it at any time.
        draft = self.path.with_suffix(".draft")
        draft.write_text(f"{self.now:%Y-%m-%d %H:%M:%S}\n", encoding="ascii")
        os.replace(draft, self.path)

    def advance(self, **span):
        """By some days, hours, seconds."""
        moved = self.now + datetime.timedelta(**span)
        self.set(moved.isoformat())

    @staticmethod
    def clean(daemon):
        """Removes what the library leaves behind of a daemon that runs; to be called before that
        is ended."""
        for path in Path("/dev/shm").glob(f"*faketime_*_{daemon.process.pid}"):
            path.unlink()

    def token(self, **claims):
        """A token that ends in an hour by this clock."""
        return make_token(exp=int(self.now.timestamp()) + 3600, **claims)


def text(timestamp):
    """A protobuf timestamp as RFC 3339 writes it."""
    return timestamp.ToJsonString()
