"""A drain while a client is still reading."""

import signal
import socket
import time

import pytest
from connection import Connection, message
from interop_server import InteropServer

METHOD = "/grpc.testing.TestService/UnaryCall"
RESPONSE_BYTES = 6_000_000
# SimpleRequest{response_size: 6000000}
REQUEST = message(b"\x10\x80\x9b\xee\x02")
# A connection with nothing more to send is waited for one second.
SLOW_SECONDS = 6
READ_SECONDS = 20


@pytest.fixture
def own_server():
    one = InteropServer()
    one.start()
    yield one
    one.process.kill()
    one.process.wait()


def test_a_client_that_reads_slowly_gets_all_of_a_call_that_a_drain_overtakes(own_server):
    with Connection(own_server.port, window=2**30) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        connection.h2.increment_flow_control_window(2**30)
        stream = connection.start(path=METHOD)
        connection.send_body(stream, REQUEST)
        reply = connection.replies[stream]
        while len(reply.data) < 200_000:
            connection.pump()
        own_server.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + SLOW_SECONDS
        while time.monotonic() < until and not reply.ended:
            time.sleep(0.2)
            connection.pump()
        until = time.monotonic() + READ_SECONDS
        while time.monotonic() < until and not reply.ended:
            connection.pump()
    assert reply.complete and reply.grpc_status == 0, reply.was_cut
    assert len(reply.data) > RESPONSE_BYTES
    assert own_server.process.wait(10) == 0
