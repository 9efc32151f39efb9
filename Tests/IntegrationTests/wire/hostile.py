"""A client that means harm: it sends as fast as it can, and cares for answers only to learn how it
was stopped."""

import os
import select
import socket
import struct
import time

from beside import frame
from connection import Connection
from hpack import Encoder

TIMEOUT_SECONDS = 5
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS = 1
RST_STREAM = 3
GOAWAY = 7
END_STREAM = 0x1


class Stop:
    """How the daemon stopped a connection."""

    def __init__(self, code=None, words="", closed=False):
        # Error code and debug data of its GOAWAY; whether it closed the connection.
        self.code, self.words, self.closed = code, words, closed

    def __repr__(self):
        return f"Stop({self.code}, {self.words!r}, closed={self.closed})"


def give_way():
    """A client elsewhere would keep none of the daemon's processors from it."""
    os.sched_yield()


class Hostile:
    """One connection. With `reads` unset its answers are left in the socket until it is ended."""

    def __init__(self, port, reads=True):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self.reads = reads
        self.received = bytearray()
        # Streams that have ended so far, by RST_STREAM and with an answer.
        self.resets = 0
        self.answers = 0
        self.awaited = 0
        self.closed = False
        give_way()
        self.socket.sendall(PREFACE + frame(4, 0, 0, b"") + frame(4, 1, 0, b""))
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # With RST, which leaves no TIME_WAIT behind.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def flood(self, chunks, seconds, resets=0):
        """Sends chunk after chunk until the daemon ends the connection or the time is over; tells
        how it ended. The next chunk follows when there were so many resets for the last."""
        until = time.monotonic() + seconds
        left = memoryview(b"")
        chunks, awaited = iter(chunks), 0
        while not self.closed and time.monotonic() < until and self.goaway() is None:
            if not left and self.resets < awaited:
                select.select([self.socket], [], [], 0.05)
                self.read()
                continue
            if not left:
                left = memoryview(next(chunks, b""))
                awaited += resets
            if not left:
                break
            readable, writable, _ = select.select(
                [self.socket] if self.reads else [], [self.socket], [], 0.05)
            if readable:
                self.read()
            if writable:
                give_way()
                try:
                    left = left[self.socket.send(left):]
                except OSError:
                    break
        return self.end()

    def exchange(self, chunk, answers):
        """Sends a chunk of calls, which get so many answers, once those to the last are read, as who
        means well does."""
        self.socket.settimeout(TIMEOUT_SECONDS)
        while self.answers < self.awaited:
            self.read()
            if self.goaway() is not None or self.closed:
                raise ConnectionError("the daemon has ended a connection that does no harm")
        self.awaited += answers
        give_way()
        self.socket.sendall(chunk)

    def end(self, seconds=0.3):
        """Reads what there is to read; a daemon that has had enough says so in time."""
        until = time.monotonic() + seconds
        while not self.closed and time.monotonic() < until:
            if self.goaway() is not None and self.goaway().code:
                break
            if select.select([self.socket], [], [], 0.05)[0]:
                self.read()
        return self.goaway() or Stop(closed=self.closed)

    def answers_ping(self, seconds=3):
        """Whether the connection is still served."""
        payload = b"stillup?"
        self.socket.setblocking(True)
        self.socket.sendall(frame(6, 0, 0, payload))
        self.socket.setblocking(False)
        until = time.monotonic() + seconds
        while frame(6, 1, 0, payload) not in self.received and not self.closed:
            if time.monotonic() > until:
                return False
            if select.select([self.socket], [], [], 0.05)[0]:
                self.read()
        return not self.closed

    def read(self):
        try:
            chunk = self.socket.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        self.closed = not chunk
        self.received += chunk

    def goaway(self):
        """Of the frames that came, which are then forgotten but for this one."""
        at = 0
        while at + 9 <= len(self.received):
            end = at + 9 + int.from_bytes(self.received[at:at + 3], "big")
            if end > len(self.received):
                break
            if self.received[at + 3] == GOAWAY:
                del self.received[:at]
                words = bytes(self.received[17:end - at]).decode("latin-1")
                return Stop(int.from_bytes(self.received[13:17], "big"), words, self.closed)
            kind, flags = self.received[at + 3], self.received[at + 4]
            self.resets += kind == RST_STREAM
            self.answers += kind == HEADERS and flags & END_STREAM
            at = end
        del self.received[:at]
        return None


class Calls:
    """Blocks of good calls' fields, which cost no more than indices after the first."""

    def __init__(self, port, **changes):
        with Connection(port) as connection:
            fields = connection.headers(**changes)
        encoder = Encoder()
        self.first, self.again = encoder.encode(fields), encoder.encode(fields)

    def headers(self, number, flags=4, more=b""):
        """HEADERS of the call with this number, from 0."""
        block = (self.again if number else self.first) + more
        return frame(1, flags, 2 * number + 1, block)
