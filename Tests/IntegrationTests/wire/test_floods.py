"""Clients that mean harm by sheer amount, or by taking their time. In each case the daemon
survives, its memory stays bounded, and a good client beside them is served."""

import resource
import socket
import struct
import time

import pytest
from conftest import get_plan
from connection import GET_VPS, Connection, is_open, message, wait_until_closed
from counted import metrics, wait_for
from hpack import Encoder
from hyperframe.frame import HeadersFrame, RstStreamFrame, SettingsFrame
from test_hostile import EMPTY_SETTINGS, PREFACE, dial, frame, header_block

# Short times, so that the tests need not wait for long ones.
DAEMON_OPTIONS = [
    "--handshake-timeout-seconds", "1", "--header-timeout-seconds", "1",
    "--output-stall-timeout-seconds", "1",
]


def reset_at_close(client):
    """Makes closing send RST, which leaves no TIME_WAIT behind."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def flood(connection, data, seconds=1.0):
    """Sends the same bytes again and again, until the daemon ends the connection, takes no more
    for a while, or the time is over."""
    connection.socket.settimeout(0.3)
    until = time.monotonic() + seconds
    while time.monotonic() < until and connection.send(data):
        pass


def test_handshakes_that_are_never_finished_are_closed(beside, port):
    clients = [dial(port) for _ in range(500)]
    for number, client in enumerate(clients):
        client.sendall(PREFACE[: number % (len(PREFACE) + 1)])
    wait_until_closed(clients, 4)


def test_a_preface_that_comes_byte_by_byte_is_closed_in_time(beside, port):
    clients = [dial(port) for _ in range(50)]
    data = PREFACE + EMPTY_SETTINGS
    began = time.monotonic()
    # A byte every 0.1 s would take more than 3 s.
    for byte in data:
        for client in clients:
            try:
                client.sendall(bytes([byte]))
            except OSError:
                pass
        time.sleep(0.1)
        if not any(is_open(client) for client in clients):
            break
    assert time.monotonic() - began < 3
    wait_until_closed(clients, 1)


def test_ten_thousand_connections_come_and_go(beside, port):
    for number in range(10_000):
        with socket.socket() as client:
            reset_at_close(client)
            client.connect(("127.0.0.1", port))
            if number % 3 == 0:
                client.sendall(PREFACE + EMPTY_SETTINGS)


@pytest.mark.parametrize("dribbles", [False, True], ids=["silent", "dribbling"])
def test_a_header_block_left_open_is_closed(beside, port, dribbles):
    connections = [Connection(port) for _ in range(20)]
    for connection in connections:
        block = header_block(connection)
        connection.start_raw(lambda stream, block=block: frame(1, 0, stream, block[:5]))
        connection.block = block[5:]
    began = time.monotonic()
    sockets = [connection.socket for connection in connections]
    while any(is_open(client) for client in sockets):
        assert time.monotonic() - began < 4, "still open"
        if dribbles:
            for connection in connections:
                # Fragments of one byte, at most as many as CONTINUATION frames may be.
                connection.send(frame(9, 0, 1, connection.block[:1]))
                connection.block = connection.block[1:]
        time.sleep(0.25)
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("size", [0, 1, 16_384])
def test_a_flood_of_continuations_is_closed(beside, port, size):
    with Connection(port) as connection:
        block = header_block(connection)
        stream = connection.start_raw(lambda stream: frame(1, 0, stream, block))
        # Literal fields without indexing, "x: y" each.
        fragment = (b"\x00\x01x\x01y" * (size // 5 + 1))[:size]
        flood(connection, frame(9, 0, stream, fragment) * 20)
        assert not is_open(connection.socket)


def test_header_bombs_are_closed(beside, port):
    # A field of 3,800 bytes goes into the dynamic table; each further byte repeats it.
    length = b"\x7f" + bytes([(3800 - 127) & 0x7F | 0x80, (3800 - 127) >> 7])
    for _ in range(50):
        with Connection(port) as connection:
            bomb = header_block(connection) + b"\x40\x01x" + length + b"y" * 3800
            bomb += b"\xbe" * (16_384 - len(bomb))
            connection.start_raw(lambda stream, bomb=bomb: frame(1, 4, stream, bomb))
            connection.read_until_closed()


FLOODS = {
    "PING": (frame(6, 0, 0, b"12345678"), "too_many_pings"),
    "PING answers": (frame(6, 1, 0, b"12345678"), "ping_flood"),
    "SETTINGS": (EMPTY_SETTINGS, "settings_flood"),
    "SETTINGS with entries": (
        SettingsFrame(0, {identifier: 65536 for identifier in (1, 4, 5, 6)}).serialize(),
        "settings_flood"),
    "WINDOW_UPDATE": (frame(8, 0, 0, struct.pack(">I", 1)), "control_frame_flood"),
    "PRIORITY": (frame(2, 0, 5, b"\x00\x00\x00\x00\x10"), "control_frame_flood"),
    "unknown frames": (frame(0xFA, 0, 0, b""), "control_frame_flood"),
    "GOAWAY": (frame(7, 0, 0, b"\x00" * 8), "control_frame_flood"),
}


@pytest.fixture
def hits(daemon):
    """How often a limit has been run into since the test began."""
    first = metrics(daemon)

    def count(name):
        key = f'packd_limit_hits_total{{limit="{name}"}}'
        return metrics(daemon)[key] - first[key]
    return count


@pytest.mark.parametrize("case", FLOODS)
def test_a_flood_whose_answers_are_never_read_is_ended(beside, port, hits, case):
    data, limit = FLOODS[case]
    with Connection(port) as connection:
        # A stream that is open keeps a GOAWAY from being the end of it.
        connection.start()
        flood(connection, data * 5_000)
        wait_for(lambda: hits(limit) == 1)


def test_fifty_thousand_rapid_resets_are_ended(beside, port, hits):
    encoder = Encoder()
    with Connection(port) as connection:
        first = encoder.encode(connection.headers())
        again = encoder.encode(connection.headers())
        data = bytearray()
        for number in range(50_000):
            stream = 2 * number + 1
            block = first if number == 0 else again
            call = HeadersFrame(stream, block, flags=["END_HEADERS"]).serialize()
            data += call + frame(0, 1, stream, GET_VPS) + RstStreamFrame(stream, 8).serialize()
        connection.socket.settimeout(5)
        connection.send(data)
        wait_for(lambda: hits("stream_reset_flood") == 1)


def test_resets_provoked_from_the_daemon_are_ended(beside, port, hits):
    encoder = Encoder()
    with Connection(port) as connection:
        headers = connection.headers()
        first, again = encoder.encode(headers), encoder.encode(headers)
        connection.socket.settimeout(5)
        for number in range(5_000):
            stream = 2 * number + 1
            block = first if number == 0 else again
            # A window that is too large is a stream error, which the daemon answers by a reset
            # (CVE-2025-8671).
            connection.send(
                HeadersFrame(stream, block, flags=["END_HEADERS"]).serialize()
                + frame(8, 0, stream, b"\x7f\xff\xff\xff"))
        wait_for(lambda: hits("provoked_reset_flood") == 1)


def test_streams_beyond_the_bound_do_not_come_for_ever(beside, port, hits):
    encoder = Encoder()
    with Connection(port) as connection:
        headers = connection.headers()
        first, again = encoder.encode(headers), encoder.encode(headers)
        blocks = [first] + [again] * 50_000
        data = b"".join(
            HeadersFrame(2 * number + 1, block, flags=["END_HEADERS"]).serialize()
            for number, block in enumerate(blocks))
        connection.socket.settimeout(5)
        connection.send(data)
        wait_for(lambda: hits("refused_stream_flood") == 1)
        assert hits("too_many_streams") > 1000


@pytest.mark.parametrize("size", [0, 1])
def test_a_flood_of_small_data_frames_is_ended(beside, port, hits, size):
    with Connection(port) as connection:
        stream = connection.start()
        connection.send(frame(0, 0, stream, message(b"", length=4_000_000)))
        flood(connection, frame(0, 0, stream, b"x" * size) * 2_000, seconds=5)
        wait_for(lambda: hits("small_data_flood" if size else "empty_data_flood") == 1)


def test_unfinished_requests_are_bounded(beside, port):
    # 100 streams of 4 MiB each are 400 MiB; a connection is to hold 16 MiB.
    with Connection(port) as connection:
        connection.socket.settimeout(5)
        streams = [connection.start() for _ in range(100)]
        piece = message(b"x" * 1_000_000, length=4_000_000)
        refused = 0
        for stream in streams:
            connection.send_body(stream, piece, end_stream=False)
        for stream in streams:
            reply = connection.replies[stream]
            refused += reply.grpc_status == 8
        assert refused > 50


def test_requests_that_are_left_take_their_memory_with_them(beside, port):
    # A connection keeps what its streams leave behind for the next ones: that must not add up.
    # The streams that are closed last are used again first, so the full ones sink to the ground.
    with Connection(port) as connection:
        connection.socket.settimeout(5)
        piece = message(b"x" * 3_900_000, length=4_000_000)
        for turn in range(20):
            streams = [connection.start() for _ in range(100 - 4 * turn)]
            for stream in streams[-4:]:
                connection.send_body(stream, piece, end_stream=False)
            for stream in reversed(streams):
                connection.h2.reset_stream(stream, 8)
            connection.flush()


def test_out_of_file_descriptors_it_waits_without_spinning(own_daemon):
    own_daemon.start()
    with Connection(own_daemon.port) as good:
        assert good.call().grpc_status == 0
        resource.prlimit(own_daemon.process.pid, resource.RLIMIT_NOFILE, (64, 64))
        clients = [dial(own_daemon.port) for _ in range(200)]
        time.sleep(0.2)
        used = own_daemon.cpu_seconds()
        time.sleep(1)
        used = own_daemon.cpu_seconds() - used
        # What was there goes on.
        assert good.call().grpc_status == 0
        assert used < 0.3, f"{used} s of processor time in a second of waiting"
        for client in clients:
            reset_at_close(client)
            client.close()
        time.sleep(1.1)
        # Whoever comes is served again, under the same limit.
        assert get_plan(own_daemon.port).code == "vps"
    own_daemon.stop()


def test_connections_beyond_the_bound_are_closed_and_room_is_used_again(own_daemon):
    own_daemon.options = ["--max-connections", "20"]
    own_daemon.start()
    connections = [Connection(own_daemon.port) for _ in range(20)]
    for connection in connections:
        assert connection.call().grpc_status == 0
    wait_until_closed([dial(own_daemon.port) for _ in range(50)], 2)
    # Those within the bound go on.
    for connection in connections:
        assert connection.call().grpc_status == 0
    connections.pop().close()
    time.sleep(0.1)
    with Connection(own_daemon.port) as another:
        assert another.call().grpc_status == 0
    for connection in connections:
        connection.close()
    own_daemon.stop()
