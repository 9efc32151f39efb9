"""Flow control end to end: a handler that does not read stops its sender, a client that does not
read stops its handler, and neither costs the server memory."""

import time

import pytest
import testing_protos as protos
from connection import Connection, message
from requests_of_tests import ask, sizes
from sender import Stream

MEBIBYTE = 1 << 20
# SETTINGS_INITIAL_WINDOW_SIZE of the server, and what C-core keeps beside.
STREAM_WINDOW_BYTES = MEBIBYTE
CLIENT_BUFFER_BYTES = MEBIBYTE
# What may be unread on a connection, in all its streams: 8 MiB, and a connection's window more.
MAX_UNREAD_BYTES = 12 * MEBIBYTE
TIMEOUT_SECONDS = 30
FLOW_CONTROL_ERROR = 3
SERVICE = "/grpc.testing.TestService/"


@pytest.fixture
def service(channel):
    return protos.Stub(channel, "TestService")


@pytest.fixture
def growth(server, service):
    """How much the server's memory has grown since the test began."""
    # What the first calls of a connection cost is no part of it.
    for _ in range(20):
        list(service.StreamingOutputCall(ask(MEBIBYTE)))
    first = server.resident_bytes()
    return lambda: server.resident_bytes() - first


def wait_until_still(value, tolerance=0, seconds=0.3):
    """Waits until a value does not change by more than this any more; returns it."""
    last, since = value(), time.monotonic()
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() - since < seconds:
        assert time.monotonic() < until, "it does not come to rest"
        time.sleep(0.02)
        if abs(value() - last) > tolerance:
            last, since = value(), time.monotonic()
    return last


def test_a_handler_that_does_not_read_stops_its_sender(service, growth):
    piece = ask(body=bytes(64 * 1024))
    # The first request keeps the handler from reading for so long.
    stream = Stream([ask(1, after=2)], piece, 300)
    call = service.FullDuplexCall(iter(stream), timeout=TIMEOUT_SECONDS)
    taken = wait_until_still(lambda: stream.taken)
    assert taken * 64 * 1024 <= STREAM_WINDOW_BYTES + CLIENT_BUFFER_BYTES, taken
    assert not stream.finished.is_set()
    assert growth() < 4 * MEBIBYTE, growth()
    # It reads on, and so all goes through.
    assert sizes(call) == [1]
    assert stream.finished.is_set()
    assert growth() < 8 * MEBIBYTE, growth()


def test_handlers_that_do_not_read_are_bounded_together(server, service, growth):
    piece = ask(body=bytes(64 * 1024))
    streams = [Stream([ask(1, after=3)], piece, 40) for _ in range(50)]
    calls = [service.FullDuplexCall(iter(stream), timeout=TIMEOUT_SECONDS) for stream in streams]
    taken = wait_until_still(lambda: sum(stream.taken for stream in streams))
    assert taken < 50 * 40
    assert growth() < 2 * MAX_UNREAD_BYTES, growth()
    for call in calls:
        assert sizes(call) == [1]
    assert all(stream.finished.is_set() for stream in streams)


def connected(server):
    """A connection that knows of the server's windows."""
    connection = Connection(server.port)
    assert connection.call(message(b""), path=SERVICE + "EmptyCall").grpc_status == 0
    return connection


def test_the_streams_window_is_given_back_only_as_the_handler_reads(server):
    with connected(server) as connection:
        stream = connection.start(path=SERVICE + "FullDuplexCall")
        first = message(ask(1, after=1).SerializeToString())
        piece = message(ask(body=bytes(10_000)).SerializeToString())
        connection.send_body(stream, first, end_stream=False)
        sent = len(first)
        # All that the window takes, which is used up then.
        while (room := connection.h2.local_flow_control_window(stream)) > 0:
            size = min(room, len(piece))
            connection.send_body(stream, piece[:size], end_stream=False)
            sent += size
        assert sent == STREAM_WINDOW_BYTES
        assert connection.replies[stream].data == b""
        began = time.monotonic()
        # The handler reads on, and so the window opens.
        while connection.h2.local_flow_control_window(stream) == 0:
            connection.pump()
        assert time.monotonic() - began > 0.3
        connection.h2.reset_stream(stream, 8)
        connection.flush()


def test_data_beyond_the_window_is_an_error(server):
    # RFC 9113, 6.9.1; of the stream or of the connection.
    with connected(server) as connection:
        stream = connection.start(path=SERVICE + "FullDuplexCall")
        first = message(ask(1, after=100).SerializeToString())
        connection.send_body(stream, first, end_stream=False)
        body = message(bytes(10), length=100_000_000)
        while (room := connection.h2.local_flow_control_window(stream)) > 0:
            connection.send_body(stream, body[:1] * min(room, 16_384), end_stream=False)
        connection.send(b"\x00\x00\x01\x00\x00" + stream.to_bytes(4, "big") + b"x")
        reply = connection.receive(stream)
        assert FLOW_CONTROL_ERROR in (reply.reset, reply.goaway), reply


@pytest.mark.parametrize("size", [1000, 64 * 1024, MEBIBYTE])
def test_a_client_that_does_not_read_stops_its_handler(service, growth, size):
    count = 200 * MEBIBYTE // size if size > 1000 else 50_000
    call = service.StreamingOutputCall(ask(*[size] * count), timeout=TIMEOUT_SECONDS)
    wait_until_still(growth, MEBIBYTE)
    assert growth() < 16 * MEBIBYTE, growth()
    assert sizes(call) == [size] * count
    assert growth() < 16 * MEBIBYTE, growth()


def test_clients_that_do_not_read_are_bounded_together(service, growth):
    count, size = 100, 64 * 1024
    calls = [service.StreamingOutputCall(ask(*[size] * count), timeout=TIMEOUT_SECONDS)
             for _ in range(50)]
    wait_until_still(growth, MEBIBYTE)
    assert growth() < 32 * MEBIBYTE, growth()
    for call in calls[::2]:
        call.cancel()
    for call in calls[1::2]:
        assert sizes(call) == [size] * count


def test_a_window_of_no_bytes_stops_the_handler(server, growth):
    with Connection(server.port, window=0) as connection:
        body = message(ask(*[64 * 1024] * 2000).SerializeToString())
        streams = []
        for _ in range(50):
            streams.append(connection.start(path=SERVICE + "StreamingOutputCall"))
            connection.send_body(streams[-1], body)
        wait_until_still(growth, MEBIBYTE)
        assert growth() < 32 * MEBIBYTE, growth()
        # One is let go on, beside the others.
        connection.h2.increment_flow_control_window(50_000, streams[7])
        connection.flush()
        while len(connection.replies[streams[7]].data) < 50_000:
            connection.pump()
        assert connection.replies[streams[8]].data == b""
