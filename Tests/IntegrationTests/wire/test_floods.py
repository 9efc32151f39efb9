"""Clients that mean harm by sheer amount, or by taking their time. In each case the daemon
survives, its memory stays bounded, and a good client beside them is served."""

import resource
import socket
import struct
import time

import pytest
from attacks import bomb
from connection import Connection, is_open, message, wait_until_closed
from counted import closed, limit_hits, metrics
from good import get_plan
from hostile import Calls, Hostile
from packd.v1 import catalogue_service_pb2 as catalogue
from packd_testing.plans import make_plan
from packd_testing.waiting import wait_for
from test_hostile import EMPTY_SETTINGS, PREFACE, dial, frame, header_block

SETTINGS_ACK = frame(4, 1, 0, b"")
# Short times, so that the tests need not wait for long ones.
DAEMON_OPTIONS = [
    "--handshake-timeout-seconds", "1", "--header-timeout-seconds", "1",
    "--output-stall-timeout-seconds", "1",
]


def reset_at_close(client):
    """Makes closing send RST, which leaves no TIME_WAIT behind."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_handshakes_that_are_never_finished_are_closed(beside, daemon, port):
    before = closed(daemon, "handshake_timeout")
    clients = [dial(port) for _ in range(500)]
    for number, client in enumerate(clients):
        client.sendall(PREFACE[: number % (len(PREFACE) + 1)])
    wait_until_closed(clients, 4)
    wait_for(lambda: closed(daemon, "handshake_timeout") >= before + 400)


def test_settings_that_are_never_acknowledged_are_closed(beside, daemon, port):
    before = closed(daemon, "handshake_timeout")
    clients = [dial(port) for _ in range(20)]
    for client in clients:
        client.sendall(PREFACE + EMPTY_SETTINGS)
    wait_until_closed(clients, 4)
    wait_for(lambda: closed(daemon, "handshake_timeout") == before + 20)


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
def test_a_header_block_left_open_is_closed(beside, daemon, port, dribbles):
    before = closed(daemon, "header_timeout")
    connections = [Connection(port) for _ in range(20)]
    for connection in connections:
        connection.send(SETTINGS_ACK)
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
    wait_for(lambda: closed(daemon, "header_timeout") == before + 20)


def test_unfinished_requests_are_bounded(beside, daemon, port):
    before = limit_hits(daemon, "too_many_request_bytes")
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
        assert limit_hits(daemon, "too_many_request_bytes") >= before + refused


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
    assert limit_hits(own_daemon, "too_many_connections") == 50
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


def test_calls_that_run_are_bounded_even_when_they_are_reset(own_daemon):
    # CVE-2023-44487: a stream that is reset makes room for another, its handler does not.
    own_daemon.options = ["--max-running-handlers-per-connection", "2"]
    own_daemon.start()
    request = catalogue.CreatePlanRequest(plan=make_plan("Reset", description="", features=[]))
    body = message(request.SerializeToString())
    calls = Calls(own_daemon.port, path="/packd.v1.CatalogueService/CreatePlan")
    with Hostile(own_daemon.port) as client:
        # In one read, so that no handler can end in between.
        client.socket.send(b"".join(
            calls.headers(number) + frame(0, 1, 2 * number + 1, body)
            + frame(3, 0, 2 * number + 1, b"\0\0\0\x08") for number in range(8)))
        assert client.answers_ping()
    assert limit_hits(own_daemon, "too_many_running_handlers") == 6
    assert get_plan(own_daemon.port).code == "vps"
    own_daemon.stop()


@pytest.mark.parametrize("streams", [1, 50])
def test_a_message_that_inflates_beyond_the_bound_is_refused(beside, daemon, port, streams):
    # A gigabyte in a megabyte.
    body = bomb(1 << 30)
    name = ("rpc_server_call_duration_seconds_count{rpc_method=\"packd.v1.CatalogueService/GetPlan"
            "\",rpc_response_status_code=\"RESOURCE_EXHAUSTED\"}")
    before = metrics(daemon).get(name, 0)
    with Connection(port) as connection:
        opened = [connection.start(grpc_encoding="gzip") for _ in range(streams)]
        for stream in opened:
            connection.send_body(stream, body)
        for stream in opened:
            assert connection.receive(stream).grpc_status == 8
    assert metrics(daemon)[name] == before + streams
