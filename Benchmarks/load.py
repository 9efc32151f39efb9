"""Callers that speak just enough HTTP/2 to keep a server busy: every call its own message.

h2load sends one message over and over; official clients cost more CPU than packd does. calls.c
does the calling. Header blocks hold literals only (RFC 7541 section 6.2.2), so that one serves for
every call of a connection.
"""
import array
import pathlib
import struct
import subprocess
import tempfile

import benchmark

TIMEOUT_SECONDS = 600


def literal(text):
    """A string literal without Huffman coding; lengths up to 127 + 2^14."""
    data = text.encode()
    if len(data) < 127:
        return bytes([len(data)]) + data
    rest = len(data) - 127
    size = bytes([rest]) if rest < 128 else bytes([rest & 127 | 128, rest >> 7])
    return b"\x7f" + size + data


def header_block(path, bearer):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "packd"),
              ("content-type", "application/grpc"), ("te", "trailers"), ("authorization", bearer)]
    return b"".join(b"\0" + literal(name) + literal(value) for name, value in fields)


def build(folder):
    """The program that calls."""
    program = folder / "calls"
    subprocess.run(["gcc", "-O2", "-o", program, benchmark.HERE / "calls.c"], check=True)
    return program


def run(port, path, bearer, messages, connections, streams):
    """Calls `path` once with each message, `connections` x `streams` calls at a time.

    Returns the seconds of all, and those of each call.
    """
    return start(port, [header_block(path, bearer)], messages, connections, streams, "shared")


def run_each(port, path, bearers, turns):
    """The same for callers with tokens of their own, a connection each, one call at a time; each
    of `turns` has a message for every caller, in their order."""
    blocks = [header_block(path, bearer) for bearer in bearers]
    messages = [message for turn in turns for message in turn]
    return start(port, blocks, messages, len(blocks), 1, "own")


def start(port, blocks, messages, connections, streams, whose):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, texts in (("headers", blocks), ("messages", messages)):
            with (folder / file).open("wb") as out:
                for text in texts:
                    out.write(struct.pack("<I", len(text)) + text)
        output = subprocess.run(
            [build(folder), str(port), str(connections), str(streams), whose, folder / "headers",
             folder / "messages", folder / "times"],
            check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS).stdout
        times = array.array("f", (folder / "times").read_bytes())
    return float(output), sorted(times)
