"""The four kinds of call through the official client: half-close, deadline, cancellation."""

import threading
import time
from concurrent import futures

import grpc
import pytest
import testing_protos as protos
from connection import Connection, message
from requests_of_tests import FOREVER_SECONDS, ask, ask_and_wait, piece, sizes
from sender import Sender

TIMEOUT_SECONDS = 10
DEADLINE_SECONDS = 0.3
SERVICE = "/grpc.testing.TestService/"
# More than the handlers that one connection may have running.
MANY_CALLS = 500
CANCEL = 8


@pytest.fixture
def service(channel):
    return protos.Stub(channel, "TestService")


def unary_request(**fields):
    return protos.SimpleRequest(**fields)


# Half-close.

def test_a_unary_call_is_answered(service):
    answer = service.UnaryCall(
        unary_request(response_size=1000, payload=protos.Payload(body=bytes(5000))),
        timeout=TIMEOUT_SECONDS)
    assert len(answer.payload.body) == 1000


def test_a_client_stream_is_answered_when_the_client_has_half_closed(service):
    sender = Sender(piece(10))
    call = service.StreamingInputCall.future(sender, timeout=TIMEOUT_SECONDS)
    sender.send(piece(20))
    with pytest.raises(grpc.FutureTimeoutError):
        call.result(timeout=0.2)
    sender.send(piece(30))
    sender.close()
    assert call.result().aggregated_payload_size == 60


def test_a_client_stream_of_nothing_is_answered(service):
    answer = service.StreamingInputCall(iter(()), timeout=TIMEOUT_SECONDS)
    assert answer.aggregated_payload_size == 0


def test_a_server_stream_comes_in_its_order_and_ends(service):
    asked = [1, 0, 100_000, 7, 65_536, 3]
    assert sizes(service.StreamingOutputCall(ask(*asked), timeout=TIMEOUT_SECONDS)) == asked


def test_a_server_stream_of_nothing_ends(service):
    assert sizes(service.StreamingOutputCall(ask(), timeout=TIMEOUT_SECONDS)) == []


def test_both_ways_each_message_is_answered_before_the_next_is_sent(service):
    sender = Sender()
    call = service.FullDuplexCall(sender, timeout=TIMEOUT_SECONDS)
    for size in (5, 0, 70_000, 1):
        sender.send(ask(size, body=bytes(size)))
        assert len(next(call).payload.body) == size
    sender.close()
    with pytest.raises(StopIteration):
        next(call)
    assert call.code() == grpc.StatusCode.OK


def test_both_ways_the_server_may_go_on_after_the_half_close(service):
    # HalfDuplexCall answers when all requests are there; each of its answers takes its time.
    call = service.HalfDuplexCall(
        iter([ask(1, 2, after=0.05), ask(3, after=0.05)]), timeout=TIMEOUT_SECONDS)
    assert sizes(call) == [1, 2, 3]


def test_both_ways_the_server_may_end_before_the_client(service):
    sender = Sender(ask(5), ask(code=grpc.StatusCode.ABORTED.value[0], message="enough"))
    call = service.FullDuplexCall(sender, timeout=TIMEOUT_SECONDS)
    assert len(next(call).payload.body) == 5
    with pytest.raises(grpc.RpcError) as error:
        next(call)
    assert (error.value.code(), error.value.details()) == (grpc.StatusCode.ABORTED, "enough")
    sender.close()


def test_many_streams_of_a_connection_do_not_mix(service):
    def talk(number):
        asked = [number, 2 * number, 3 * number]
        return sizes(service.FullDuplexCall(
            iter([ask(size) for size in asked]), timeout=TIMEOUT_SECONDS)) == asked

    with futures.ThreadPoolExecutor(30) as callers:
        assert all(callers.map(talk, range(90)))


# Deadlines: grpcio's own timer would end the call as well, so a raw client looks at what the
# server does by itself.

WAITING = {
    # What is sent of a call that takes for ever, and whether the client half-closes.
    "client streaming": ("StreamingInputCall", piece(10), False),
    "server streaming": ("StreamingOutputCall", ask(1, 1, after=FOREVER_SECONDS), True),
    "both ways, in its handler": ("FullDuplexCall", ask(1, after=FOREVER_SECONDS), False),
    "both ways, waiting for the client": ("FullDuplexCall", ask(), False),
    "unary, waiting for the client": ("UnaryCall", None, False),
}


def begin(connection, method, request, half_closes, **headers):
    stream = connection.start(path=SERVICE + method, **headers)
    if request is not None:
        connection.send_body(
            stream, message(request.SerializeToString()), end_stream=half_closes)
    return stream


@pytest.mark.parametrize("kind", WAITING)
def test_the_servers_own_timer_ends_a_call(server, kind):
    began = time.monotonic()
    with Connection(server.port) as connection:
        stream = begin(connection, *WAITING[kind], grpc_timeout="300m")
        reply = connection.receive(stream)
    assert reply.grpc_status == grpc.StatusCode.DEADLINE_EXCEEDED.value[0], reply
    assert DEADLINE_SECONDS <= time.monotonic() - began < DEADLINE_SECONDS + 2


@pytest.mark.parametrize("kind", ["client", "server", "both"])
def test_a_deadline_passes_for_the_client_too(service, kind):
    sender = Sender()
    with pytest.raises(grpc.RpcError) as error:
        if kind == "client":
            service.StreamingInputCall(sender, timeout=DEADLINE_SECONDS)
        elif kind == "server":
            list(service.StreamingOutputCall(
                ask(1, after=FOREVER_SECONDS), timeout=DEADLINE_SECONDS))
        else:
            list(service.FullDuplexCall(sender, timeout=DEADLINE_SECONDS))
    sender.close()
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_what_came_before_the_deadline_is_kept(service):
    call = service.StreamingOutputCall(ask(*[5] * 100, after=0.1), timeout=1)
    came = 0
    with pytest.raises(grpc.RpcError) as error:
        for _ in call:
            came += 1
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert 3 <= came <= 10


# Cancellation: a handler that is not cancelled goes on for ever, and takes one of the places
# that a connection has for handlers.

@pytest.mark.parametrize("kind", ["client", "server", "both"])
def test_a_cancelled_call_gives_its_handlers_place_back(service, kind):
    for _ in range(MANY_CALLS):
        sender = Sender(piece(1) if kind == "client" else ask_and_wait())
        if kind == "client":
            call = service.StreamingInputCall.future(sender)
        elif kind == "server":
            call = service.StreamingOutputCall(ask_and_wait())
        else:
            call = service.FullDuplexCall(sender)
        if kind != "client":
            # So its handler runs.
            next(call)
        call.cancel()
        sender.close()
    assert sizes(service.StreamingOutputCall(ask(1, 2), timeout=TIMEOUT_SECONDS)) == [1, 2]


@pytest.mark.parametrize("kind", WAITING)
def test_a_reset_call_sends_nothing_more(server, kind):
    with Connection(server.port) as connection:
        for _ in range(MANY_CALLS // 50):
            streams = [begin(connection, *WAITING[kind]) for _ in range(50)]
            for stream in streams:
                connection.h2.reset_stream(stream, CANCEL)
            connection.flush()
        # h2 refuses what comes on a stream that it has reset, but for a moment's frames; and a
        # good call shows that the handlers have ended.
        stream = begin(connection, "StreamingOutputCall", ask(3), True)
        reply = connection.receive(stream)
        assert reply.grpc_status == 0, reply


def test_cancelling_after_the_first_response_ends_the_call(service):
    sender = Sender(ask(10))
    call = service.FullDuplexCall(sender, timeout=TIMEOUT_SECONDS)
    assert len(next(call).payload.body) == 10
    call.cancel()
    sender.close()
    with pytest.raises(grpc.RpcError) as error:
        next(call)
    assert error.value.code() == grpc.StatusCode.CANCELLED


def test_a_lost_connection_ends_its_calls(server):
    # In all, more handlers than any bound would allow, were they not ended.
    for _ in range(20):
        connection = Connection(server.port)
        for _ in range(90):
            begin(connection, "FullDuplexCall", ask(1, after=FOREVER_SECONDS), False)
        connection.close()
    with server.channel() as channel:
        one = protos.Stub(channel, "TestService")
        one.EmptyCall(protos.Empty(), timeout=TIMEOUT_SECONDS)


def test_a_drain_lets_streams_finish(tmp_path):
    from interop_server import InteropServer
    server = InteropServer()
    server.start()
    with server.channel() as channel:
        service = protos.Stub(channel, "TestService")
        sender = Sender(ask(1))
        call = service.FullDuplexCall(sender, timeout=TIMEOUT_SECONDS)
        next(call)
        ended = threading.Thread(target=server.stop)
        ended.start()
        time.sleep(0.2)
        sender.send(ask(2))
        assert len(next(call).payload.body) == 2
        sender.close()
        assert sizes(call) == []
        assert call.code() == grpc.StatusCode.OK
        ended.join()
    assert server.process.returncode == 0
