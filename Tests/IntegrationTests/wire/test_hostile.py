"""Bytes that are no call at all: the daemon ends them, and goes on serving."""

import random
import socket
import struct

import pytest
from connection import GET_VPS, Connection
from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
EMPTY_SETTINGS = SettingsFrame(0).serialize()
SEED = 7


def frame(kind, flags, stream, payload, length=None):
    """A frame from its parts, valid or not."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header_block(connection, **changes):
    return Encoder().encode(connection.headers(**changes))


def dial(port):
    return socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.mark.parametrize("size", [1, 9, 24, 100, 10_000])
def test_random_bytes_are_ended(port, size):
    choose = random.Random(SEED + size)
    for _ in range(20):
        with Connection(port, preface=False) as connection:
            connection.send(choose.randbytes(size))
            connection.send_no_more()
            connection.read_until_closed()


def test_random_bytes_after_the_preface_are_ended(port):
    choose = random.Random(SEED)
    for _ in range(100):
        with Connection(port, preface=False) as connection:
            connection.send(PREFACE + EMPTY_SETTINGS + choose.randbytes(choose.randrange(1, 2000)))
            connection.send_no_more()
            connection.read_until_closed()


def test_random_frames_are_ended(port):
    # Well-formed frame headers reach further than noise does.
    choose = random.Random(SEED)
    for _ in range(200):
        with Connection(port, preface=False) as connection:
            connection.send(PREFACE + EMPTY_SETTINGS)
            for _ in range(choose.randrange(1, 12)):
                payload = choose.randbytes(choose.choice((0, 1, 4, 5, 6, 8, 50)))
                connection.send(frame(
                    choose.randrange(0, 12), choose.randrange(256),
                    choose.choice((0, 1, 2, 3, 5, 2**31 - 1)), payload))
            connection.send_no_more()
            connection.read_until_closed()


@pytest.mark.parametrize(
    "start",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), b"\x00" * 64],
    ids=["HTTP/1.1", "wrong preface", "TLS", "zeros"],
)
def test_another_protocol_is_closed_at_once(port, start):
    with Connection(port, preface=False) as connection:
        connection.send(start)
        connection.read_until_closed()


def test_half_a_preface_can_be_left(port):
    for length in range(len(PREFACE)):
        with dial(port) as client:
            client.sendall(PREFACE[:length])


CONNECTION_ERRORS = {
    "DATA on stream 0": frame(0, 1, 0, b"x"),
    "DATA on an idle stream": frame(0, 1, 9, b"x"),
    "HEADERS on stream 0": frame(1, 5, 0, b"\x83"),
    "HEADERS on an even stream": frame(1, 5, 2, b"\x83\x86\x84"),
    "HEADERS with more padding than payload": frame(1, 0x0D, 1, b"\xff\x83"),
    "HEADERS that do not decompress": frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff"),
    "HEADERS with a table size beyond the bound": frame(1, 5, 1, b"\x3f\xff\xff\xff\x7f\x83"),
    "RST_STREAM on an idle stream": frame(3, 0, 9, b"\x00\x00\x00\x08"),
    "RST_STREAM of 3 bytes": frame(3, 0, 1, b"\x00\x00\x00"),
    "SETTINGS of 5 bytes": frame(4, 0, 0, b"\x00\x03\x00\x00\x00"),
    "SETTINGS on a stream": frame(4, 0, 1, b""),
    "SETTINGS ACK with payload": frame(4, 1, 0, b"\x00\x03\x00\x00\x00\x01"),
    "SETTINGS with a bad window": frame(4, 0, 0, b"\x00\x04\xff\xff\xff\xff"),
    "SETTINGS with a bad frame size": frame(4, 0, 0, b"\x00\x05\x00\x00\x00\x01"),
    "PUSH_PROMISE from a client": frame(5, 4, 1, b"\x00\x00\x00\x02\x83"),
    "PING of 7 bytes": frame(6, 0, 0, b"\x00" * 7),
    "PING on a stream": frame(6, 0, 1, b"\x00" * 8),
    "GOAWAY of 7 bytes": frame(7, 0, 0, b"\x00" * 7),
    "WINDOW_UPDATE of 3 bytes": frame(8, 0, 0, b"\x00\x00\x01"),
    "WINDOW_UPDATE of 0": frame(8, 0, 0, b"\x00" * 4),
    "WINDOW_UPDATE beyond the bound": frame(8, 0, 0, b"\x7f\xff\xff\xff"),
    "CONTINUATION of nothing": frame(9, 4, 1, b"\x83"),
    "a frame longer than allowed": frame(0, 0, 1, b"", length=2**24 - 1),
}


@pytest.mark.parametrize("case", CONNECTION_ERRORS)
def test_a_frame_that_breaks_the_connection_closes_it(port, case):
    with Connection(port, preface=False) as connection:
        connection.send(PREFACE + EMPTY_SETTINGS + CONNECTION_ERRORS[case])
        answer = connection.read_until_closed()
    # GOAWAY with an error code (type 7, on stream 0).
    assert b"\x07\x00\x00\x00\x00\x00" in answer, answer


BAD_HEADERS = {
    "capital letters": {"extra": [("X-Capital", "1")]},
    "no path": {"path": None},
    "empty path": {"path": ""},
    "no scheme": {"_scheme": None},
    "no method": {"_method": None},
    "two paths": {"extra": [(":path", "/")]},
    "pseudo-header last": {"extra": [(":scheme", "http")]},
    "unknown pseudo-header": {"extra": [(":colour", "blue")]},
    "a status": {"extra": [(":status", "200")]},
    "connection": {"extra": [("connection", "close")]},
    "transfer-encoding": {"extra": [("transfer-encoding", "chunked")]},
    "te other than trailers": {"te": "gzip"},
    "line break in a value": {"extra": [("x", "a\r\nb: c")]},
    "space before a value": {"grpc_timeout": " 1S"},
    "space after a value": {"authorization": "Bearer "},
    "zero in a value": {"extra": [("x", "a\x00b")]},
    "zero in a name": {"extra": [("x\x00", "a")]},
    "empty name": {"extra": [("", "a")]},
    "length that is not so": {"extra": [("content-length", "1")]},
    "length that is no number": {"extra": [("content-length", "-1")]},
}


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_headers_that_http_forbids_end_the_stream(port, case):
    with Connection(port) as connection:
        reply = connection.call(**BAD_HEADERS[case])
        assert reply.was_cut or reply.grpc_status != 0, reply


@pytest.mark.parametrize(
    "extra",
    [
        [("x", "y" * 17_000)],
        [("x", "y" * 60_000)],
        [(f"x-{number}", "y" * 100) for number in range(500)],
        [("x", "")] * 1000,
        [("cookie", "a=b")] * 2000,
    ],
    ids=["17 kB", "60 kB", "500 fields", "1,000 empty fields", "2,000 cookies"],
)
def test_headers_that_are_too_many_are_refused(port, extra):
    with Connection(port) as connection:
        reply = connection.call(extra=extra)
        assert reply.was_cut or reply.grpc_status != 0, reply


def test_a_small_header_block_that_grows_is_refused(port):
    # One field of 3,800 bytes goes into the dynamic table, then 10,000 references to it, of
    # one byte each: 38 MB of headers in 14 kB.
    length = b"\x7f" + bytes([(3800 - 127) & 0x7F | 0x80, (3800 - 127) >> 7])
    growing = b"\x40\x01x" + length + b"y" * 3800 + b"\xbe" * 10_000
    with Connection(port) as connection:
        block = header_block(connection) + growing

        def frames(stream):
            return frame(1, 0, stream, block[:8000]) + frame(9, 4, stream, block[8000:])

        reply = connection.receive(connection.start_raw(frames))
        assert reply.was_cut or reply.grpc_status != 0, reply


def test_continuation_without_end_is_closed(port):
    with Connection(port, preface=False) as connection:
        connection.send(PREFACE + EMPTY_SETTINGS + frame(1, 1, 1, b"\x83\x86\x84"))
        for _ in range(20_000):
            if not connection.send(ContinuationFrame(1, b"").serialize()):
                break
        connection.read_until_closed()


@pytest.mark.parametrize(
    "flood",
    [PingFrame(0, b"12345678").serialize(), EMPTY_SETTINGS],
    ids=["PING", "SETTINGS"],
)
def test_a_flood_that_asks_for_answers_and_reads_none_is_bounded(port, flood):
    with Connection(port) as connection:
        connection.socket.settimeout(1)
        for _ in range(400):
            if not connection.send(flood * 500):
                break


def test_a_flood_of_resets_is_bounded(port):
    with Connection(port) as connection:
        block = header_block(connection)
        for stream in range(1, 40_001, 2):
            call = HeadersFrame(stream, block, flags=["END_HEADERS"]).serialize()
            if not connection.send(call + RstStreamFrame(stream, 8).serialize()):
                break


def test_a_flood_of_empty_frames_is_bounded(port):
    with Connection(port) as connection:
        stream = connection.start()
        for _ in range(200):
            if not connection.send(DataFrame(stream, b"").serialize() * 500):
                break


def test_calls_whose_answers_are_never_read_are_bounded(port):
    with Connection(port) as connection:
        block = header_block(connection)
        for stream in range(1, 4001, 2):
            call = HeadersFrame(stream, block, flags=["END_HEADERS"]).serialize()
            if not connection.send(call + frame(0, 1, stream, GET_VPS)):
                break


def test_connections_that_are_opened_and_dropped_leave_nothing(port):
    for number in range(1000):
        with dial(port) as client:
            if number % 4 == 1:
                client.sendall(PREFACE[: number % len(PREFACE)])
            elif number % 4 == 2:
                client.sendall(PREFACE + EMPTY_SETTINGS)
            elif number % 4 == 3:
                # Dropped with RST rather than FIN.
                linger = struct.pack("ii", 1, 0)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                client.sendall(PREFACE)


def test_calls_that_are_dropped_half_way_leave_nothing(port):
    for number in range(200):
        with Connection(port) as connection:
            stream = connection.start()
            connection.send_body(stream, GET_VPS[: number % len(GET_VPS)], end_stream=False)


@pytest.mark.parametrize(
    "extra",
    [GoAwayFrame(0).serialize(), WindowUpdateFrame(0, 1).serialize(),
     frame(0xFA, 0xFF, 0, b"x" * 100), frame(0x10, 0, 0, b"\x00\x00\x00\x00u=1")],
    ids=["GOAWAY", "WINDOW_UPDATE", "unknown frame", "PRIORITY_UPDATE"],
)
def test_a_frame_that_is_allowed_disturbs_no_call(port, extra):
    with Connection(port) as connection:
        stream = connection.start()
        connection.send(extra)
        connection.send_body(stream, GET_VPS)
        assert connection.receive(stream).grpc_status == 0


def test_a_promise_inside_a_call_closes_the_connection(port):
    with Connection(port) as connection:
        stream = connection.start()
        connection.send(PushPromiseFrame(stream, 2, b"\x83", flags=["END_HEADERS"]).serialize())
        connection.read_until_closed()
