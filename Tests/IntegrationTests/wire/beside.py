"""A well-behaved client beside a hostile one, in a process of its own: what the hostile one does to
its own process, this one does not feel. Run as a program it is that client."""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from connection import GET_VPS, Connection
from hpack import Decoder, Encoder

# A good client's own wait between two calls.
PAUSE_SECONDS = 0.002
TIMEOUT_SECONDS = 5
MAX_WAIT_SECONDS = 3
# socket(7); Python has no name for it. What it adds to a read is a timespec of this number.
SO_TIMESTAMPNS = 35
TIMESPEC = struct.Struct("@ll")


class Steady:
    """Makes good calls on one connection, one after the other, as long as it is not told to end;
    gRPC clients have no more than this. A call takes until the kernel has its answer: a client
    elsewhere would not wait for one of the daemon's processors to read it."""

    def __init__(self, port, process):
        self.connection = Connection(port)
        self.socket = self.connection.socket
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.statm = Path(f"/proc/{process}/statm")
        self.decoder = Decoder()
        # Without the dynamic table, the same bytes serve for every call.
        encoder = Encoder()
        encoder.header_table_size = 0
        self.block = encoder.encode(self.connection.headers())
        self.stream = -1
        self.pending = b""
        self.arrived = 0
        # Window for some millions of answers.
        self.socket.sendall(frame(8, 0, 0, struct.pack(">I", 2**31 - 1 - 65_535)))
        self.forget()

    def forget(self):
        self.waits = []
        self.peak = 0

    def call(self):
        self.stream += 2
        request = frame(1, 4, self.stream, self.block) + frame(0, 1, self.stream, GET_VPS)
        began = time.time_ns()
        self.socket.sendall(request)
        self.receive()
        self.waits.append((self.arrived - began) / 1e9)
        self.peak = max(self.peak, int(self.statm.read_text(encoding="ascii").split()[1]))

    def receive(self):
        while True:
            while len(self.pending) < 9 or len(self.pending) < 9 + self.size():
                self.pending += self.read()
            end = 9 + self.size()
            head, payload, self.pending = (
                self.pending[:9], self.pending[9:end], self.pending[end:])
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            if kind == 1:
                fields = dict(self.decoder.decode(payload))
                if flags & 1:
                    if (stream, fields.get("grpc-status")) != (self.stream, "0"):
                        raise ConnectionError(f"stream {stream} ended with {fields}")
                    return
            elif kind in (4, 6) and not flags & 1:
                self.socket.sendall(frame(kind, 1, 0, payload if kind == 6 else b""))
            elif kind in (3, 7):
                raise ConnectionError(f"frame {kind} with {payload}")

    def read(self):
        chunk, notes, _, _ = self.socket.recvmsg(65_536, socket.CMSG_SPACE(TIMESPEC.size))
        if not chunk:
            raise ConnectionError("the daemon has closed a good client's connection")
        self.arrived = time.time_ns()
        # The kernel takes a moment to begin with it.
        for _, _, note in notes:
            seconds, nanoseconds = TIMESPEC.unpack(note)
            self.arrived = seconds * 1_000_000_000 + nanoseconds
        return chunk

    def size(self):
        return int.from_bytes(self.pending[:3], "big")

    def report(self):
        waits = sorted(self.waits)
        return {
            "calls": len(waits), "p99": waits[len(waits) * 99 // 100] if waits else 0,
            "slowest": max(waits, default=0), "peak": self.peak * os.sysconf("SC_PAGE_SIZE"),
        }


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + payload


def main(port, process):
    steady = Steady(port, process)
    while True:
        if select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            command = os.read(0, 1)
            if not command:
                return
            if command == b"?":
                print(json.dumps(steady.report()), flush=True)
            steady.forget()
        steady.call()


def environment():
    """For programs of this folder, which import what its tests do."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


class Figures:
    """What a good client has seen: seconds and bytes."""

    def __init__(self):
        self.calls, self.p99, self.slowest, self.peak = 0, 0.0, 0.0, 0


class Beside:
    """A good client, whose calls must all be served, whatever another does."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(daemon.port), str(daemon.process.pid)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            env=environment())
        # It is at work when it has answered.
        self.ask()

    def close(self):
        self.process.stdin.close()
        self.process.wait(TIMEOUT_SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()

    def ask(self):
        try:
            self.process.stdin.write(b"?")
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            error = self.process.stderr.read().decode()
            raise AssertionError(f"the good client failed: {error}")
        return json.loads(line)

    @contextmanager
    def measured(self):
        """Figures of the block, filled in at its end."""
        figures = Figures()
        self.ask()
        yield figures
        vars(figures).update(self.ask())
        assert figures.calls > 0, "the good client was never served"
        assert figures.slowest < MAX_WAIT_SECONDS, (
            f"the good client waited {figures.slowest:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
