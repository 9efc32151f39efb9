"""Streams of packd-interop beside gRPC C++ (servers/cpp/streaming.cc), and idle streams of packd.

usage: streaming.py [--rounds 5]

Both servers answer StreamingOutputCall of grpc.testing.TestService, pinned to core 0, for the
same client, h2load on core 1: with windows of 1 GiB, which are never used up, and with those of
64 KiB that HTTP/2 has by default; then for gRPC C++'s own client (drain.cc), whose windows grow.
Each round starts the servers in turn. Compared is their CPU time, which for long messages is the
kernel's for the most part. How much of it no server can do without, stream_floor.c tells: it makes
the same messages and writes them to the socket, and does nothing else. The ping-pong is timed
beside unary calls on the same connection. PACKD_INTEROP_BIN names a server that is built
already.
"""
import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import statistics
import struct
import subprocess
import time

import benchmark
import load
import peers
from connection import (
    DATA, END_HEADERS, HEADERS, MAX_WINDOW_BYTES, WINDOW_UPDATE, Connection, ends_stream, frame)

SERVICE = "/grpc.testing.TestService"
PROTO_ROOT = "/usr/share/grpc-proto"
PROTOS = [f"grpc/testing/{name}.proto" for name in ("empty", "messages", "test")]
MIB = 1 << 20
PREFIX_BYTES = 5


@dataclasses.dataclass(frozen=True)
class Stream:
    name: str
    messages: int
    body_bytes: int
    wire_bytes: int
    # Of the client's windows: 2 to the power of it, less 1. None is gRPC C++'s client.
    window_bits: int | None
    # How many times less CPU packd is to take.
    target: float
    # Whether the CPU time is shown by message, in microseconds; else by byte, in nanoseconds.
    by_message: bool = False
    has_floor: bool = False

    @property
    def total_bytes(self):
        return self.messages * self.wire_bytes

    def cost(self, seconds):
        if self.by_message:
            return f"{seconds / self.messages * 1e6:.2f} us"
        return f"{seconds / self.total_bytes * 1e9:.3f} ns"


STREAMS = [
    Stream("1 M messages: CPU each", 1_000_000, 9, 9 + 4 + PREFIX_BYTES, 30, 3.0, True),
    Stream("1 GiB in MiB messages: CPU per byte", 1_024, MIB, MIB + 8 + PREFIX_BYTES, 30, 1.5,
           has_floor=True),
    Stream("the same, windows 64 KiB", 1_024, MIB, MIB + 8 + PREFIX_BYTES, 16, 1.5),
    Stream("the same, gRPC C++'s client", 1_024, MIB, MIB + 8 + PREFIX_BYTES, None, 1.5),
]
STREAM_TIMEOUT_SECONDS = 120

PING_PONG_ROUNDS, PING_PONG_CALLS = 20, 500
MAX_PING_PONG_RATIO = 1.3
LATENCY_BODY_BYTES = 9

IDLE_CONNECTIONS, IDLE_STREAMS = 100, 100
WATCH = "/grpc.health.v1.Health/Watch"
MAX_IDLE_MIB = 256
SETTLE_SECONDS = 2


def find_interop():
    named = os.environ.get("PACKD_INTEROP_BIN") or benchmark.ROOT / ".build/release/packd-interop"
    server = pathlib.Path(named).resolve()
    if not server.is_file():
        raise SystemExit(f"no server at {server}: run `make bench`, or set PACKD_INTEROP_BIN")
    return server


def build_floor(work):
    floor = work / "stream-floor"
    peers.run("gcc", "-O2", "-o", floor, benchmark.HERE / "stream_floor.c")
    return floor


def build_cpp(work):
    """gRPC C++'s server, and its client beside it."""
    out = work / "cpp"
    out.mkdir()
    peers.run("protoc", f"-I{PROTO_ROOT}", f"--cpp_out={out}", f"--grpc_out={out}",
              f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}", *PROTOS)
    libraries = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], check=True,
        capture_output=True, text=True).stdout.split()
    generated = [out / proto.replace(".proto", ".pb.cc") for proto in PROTOS]
    for source, program in ((peers.SERVERS / "cpp/streaming.cc", "server"),
                            (benchmark.HERE / "drain.cc", "client")):
        peers.run("g++", "-O2", "-DNDEBUG", "-std=c++17", f"-I{out}", source, *generated,
                  out / "grpc/testing/test.grpc.pb.cc", "-o", out / program, *libraries)
    return out / "server", out / "client"


# MARK: Messages of grpc.testing, as bytes

def varint(value):
    data = b""
    while value >= 0x80:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])


def field(number, data):
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def output_request(count, size):
    """A StreamingOutputCallRequest for `count` responses with bodies of `size` bytes."""
    return field(2, b"\x08" + varint(size)) * count


def simple_request(size):
    """A SimpleRequest for a response with a body of `size` bytes."""
    return b"\x10" + varint(size)


def prefixed(message):
    return b"\0" + struct.pack(">I", len(message)) + message


# MARK: Streams that are drained

def drain(server, body, stream):
    """h2load's call with the request in the file `body`; the bytes of DATA that it saw."""
    output = subprocess.run(
        ["taskset", "-c", "1", "h2load", "-n", "1", "-c", "1", "-m", "1", "-t", "1", "-d", body,
         "-w", str(stream.window_bits), "-W", str(stream.window_bits),
         "-H", "content-type: application/grpc", "-H", "te: trailers",
         f"http://127.0.0.1:{server.port}{SERVICE}/StreamingOutputCall"],
        capture_output=True, text=True, check=True, timeout=STREAM_TIMEOUT_SECONDS).stdout
    return int(re.search(r"\((\d+)\) data", output)[1])


def drain_by_cpp(server, client, stream):
    """The same by gRPC C++'s client, which sees the bodies alone."""
    output = subprocess.run(
        ["taskset", "-c", "1", client, str(server.port), str(stream.messages),
         str(stream.body_bytes)],
        capture_output=True, text=True, check=True, timeout=STREAM_TIMEOUT_SECONDS).stdout
    return int(output) + stream.messages * (stream.wire_bytes - stream.body_bytes)


def cpu_of_stream(server, body, client, stream):
    """CPU seconds that the server takes for one call."""
    before = server.cpu_seconds()
    received = (drain(server, body, stream) if stream.window_bits
                else drain_by_cpp(server, client, stream))
    seconds = server.cpu_seconds() - before
    if received != stream.total_bytes:
        raise SystemExit(f"expected {stream.total_bytes} bytes, saw {received}")
    return seconds


def median_ratio(ones, others):
    return statistics.median(one / other for one, other in zip(ones, others))


def measure_stream(stream, commands, client, work, rounds):
    body = work / f"request-{stream.messages}"
    body.write_bytes(prefixed(output_request(stream.messages, stream.body_bytes)))
    commands = {name: command for name, command in commands.items()
                if name != "floor" or stream.has_floor}
    measured = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            with benchmark.Server(command) as server:
                cpu_of_stream(server, body, client, stream)
                measured[name].append(cpu_of_stream(server, body, client, stream))
    packd, cpp = measured["packd"], measured["gRPC C++"]
    ratio = median_ratio(cpp, packd)
    benchmark.row(f"{stream.name}, gRPC C++", stream.cost(statistics.median(cpp)))
    benchmark.row(f"{stream.name}, C++'s of packd's",
                  f"{ratio:.2f}x = {stream.cost(statistics.median(packd))}",
                  f">= {stream.target:g}x", ratio >= stream.target)
    if stream.has_floor:
        floor = measured["floor"]
        benchmark.row(f"{stream.name}, packd's of the floor's",
                      f"{median_ratio(packd, floor):.2f}x")
        benchmark.row(f"{stream.name}, C++'s of the floor's",
                      f"{median_ratio(cpp, floor):.2f}x = {stream.cost(statistics.median(floor))}")


# MARK: Latency

def wait_for(connection, stream, is_answer):
    while True:
        for kind, flags, of_stream in connection.receive():
            if of_stream == stream and is_answer(kind, flags):
                return


def unary_latencies(connection, count):
    block = load.header_block(f"{SERVICE}/UnaryCall", "")
    times = []
    for _ in range(count):
        began = time.perf_counter()
        stream, data = connection.call(block, simple_request(LATENCY_BODY_BYTES))
        connection.socket.sendall(data)
        wait_for(connection, stream, ends_stream)
        times.append(time.perf_counter() - began)
    return times


class PingPong:
    """A FullDuplexCall that gets one response for each request."""

    def __init__(self, connection):
        self._connection = connection
        self._stream, self._request = connection.next_stream, prefixed(
            output_request(1, LATENCY_BODY_BYTES))
        connection.next_stream += 2
        block = load.header_block(f"{SERVICE}/FullDuplexCall", "")
        window = struct.pack(">I", MAX_WINDOW_BYTES - 65_535)
        connection.socket.sendall(
            frame(HEADERS, END_HEADERS, self._stream, block)
            + frame(WINDOW_UPDATE, 0, self._stream, window))

    def latencies(self, count):
        times = []
        for _ in range(count):
            began = time.perf_counter()
            self._connection.socket.sendall(
                frame(DATA, 0, self._stream, self._request))
            wait_for(self._connection, self._stream, lambda kind, _: kind == DATA)
            times.append(time.perf_counter() - began)
        return times


def measure_latency(command):
    os.sched_setaffinity(0, {1})
    unary, ping_pong = [], []
    with benchmark.Server(command) as server:
        connection = Connection(server.port)
        conversation = PingPong(connection)
        for measured in (unary_latencies(connection, PING_PONG_CALLS),
                         conversation.latencies(PING_PONG_CALLS)):
            del measured  # to warm up
        for _ in range(PING_PONG_ROUNDS):
            unary.append(statistics.median(unary_latencies(connection, PING_PONG_CALLS)))
            ping_pong.append(statistics.median(conversation.latencies(PING_PONG_CALLS)))
    os.sched_setaffinity(0, range(os.cpu_count()))
    ratio = statistics.median(p / u for p, u in zip(ping_pong, unary))
    benchmark.row("unary call: latency", f"{statistics.median(unary) * 1e6:.0f} us")
    benchmark.row("bidi ping-pong: latency, of the unary call's",
                  f"{ratio:.2f}x = {statistics.median(ping_pong) * 1e6:.0f} us",
                  f"<= {MAX_PING_PONG_RATIO}x", ratio <= MAX_PING_PONG_RATIO)


# MARK: Idle streams

def watch(connection, block, count):
    """Opens `count` watches; returns when each has had its first answer."""
    calls = [connection.call(block, b"") for _ in range(count)]
    connection.socket.sendall(b"".join(data for _, data in calls))
    waiting = {stream for stream, _ in calls}
    while waiting:
        for kind, flags, stream in connection.receive():
            if ends_stream(kind, flags):
                raise SystemExit(f"the watch on stream {stream} has ended")
            if kind == DATA:
                waiting.discard(stream)


def measure_idle_streams(packd, work):
    token = benchmark.Token(packd, work)
    command = benchmark.serve_command(packd, token, work / "data")
    block = load.header_block(WATCH, token.bearer)
    with benchmark.Server(command, core=None) as server:
        connections = [Connection(server.port) for _ in range(IDLE_CONNECTIONS)]
        for connection in connections:
            watch(connection, block, IDLE_STREAMS)
        time.sleep(SETTLE_SECONDS)
        resident = server.resident_bytes()
        for connection in connections:
            connection.ping()
            connection.socket.close()
    benchmark.row(f"{IDLE_CONNECTIONS * IDLE_STREAMS:,} idle watches: resident memory",
                  f"{resident / MIB:.1f} MiB", f"< {MAX_IDLE_MIB} MiB",
                  resident < MAX_IDLE_MIB * MIB)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    packd, interop = benchmark.find_packd(), find_interop()
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        cpp, client = build_cpp(work)
        commands = {
            "packd": [interop, "--listen", "127.0.0.1:{port}"],
            "gRPC C++": [cpp, "{port}"],
            "floor": [build_floor(work), "{port}", STREAMS[1].messages],
        }
        for stream in STREAMS:
            measure_stream(stream, commands, client, work, options.rounds)
        measure_latency(commands["packd"])
        measure_idle_streams(packd, work)


if __name__ == "__main__":
    main()
