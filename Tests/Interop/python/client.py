"""The interop cases by C-core, from Python (PyPI grpcio).

usage: client.py --server_host=HOST --server_port=PORT --test_case=NAME
                 [--ca_file=PATH --server_host_override=NAME]

Each case is a function that carries out the procedure of the same name in the gRPC project's
interop-test-descriptions. Messages are made from Debian's grpc-proto as it is installed.
"""
import argparse
import contextlib
import gc
import os
import pathlib
import queue
import sys

import grpc

import testing_protos as pb

GZIP = grpc.Compression.Gzip
INITIAL = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
TRAILING = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")
SPECIAL_MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
LARGE_REQUEST_BYTES, LARGE_RESPONSE_BYTES = 271_828, 314_159
PING_PONG = [(27_182, 31_415), (8, 9), (1_828, 2_653), (45_904, 58_979)]
TIMEOUT_SECONDS = 10


def expect_equal(seen, expected):
    if seen != expected:
        raise AssertionError(f"expected {expected!r}, saw {seen!r}"[:500])


@contextlib.contextmanager
def expect_status(code, details=None):
    """Expects the calls of the block to fail with this status."""
    try:
        yield
    except grpc.RpcError as error:
        expect_equal(error.code(), code)
        if details is not None:
            expect_equal(error.details(), details)
    else:
        raise AssertionError(f"expected {code}, but the call went well")


def zeros(size):
    return pb.Payload(body=bytes(size))


def large_request(**fields):
    return pb.SimpleRequest(
        response_size=LARGE_RESPONSE_BYTES, payload=zeros(LARGE_REQUEST_BYTES), **fields)


def expect_large(response):
    expect_equal(response.payload.body, bytes(LARGE_RESPONSE_BYTES))


def output_request(request_bytes, *sizes, **fields):
    return pb.StreamingOutputCallRequest(
        response_parameters=[pb.ResponseParameters(size=size) for size in sizes],
        payload=zeros(request_bytes) if request_bytes else None, **fields)


def expect_sizes(responses, sizes):
    expect_equal([response.payload.body for response in responses],
                 [bytes(size) for size in sizes])


class Requests:
    """An iterator of requests that waits for the next one to be sent."""

    _END = object()

    def __init__(self):
        self._queue = queue.SimpleQueue()

    def send(self, request):
        self._queue.put(request)

    def end(self):
        """No more requests: the client half-closes."""
        self._queue.put(self._END)

    def __iter__(self):
        return iter(self._queue.get, self._END)


class Conversation:
    """A FullDuplexCall whose requests are sent one by one."""

    def __init__(self, stub, **options):
        self.requests = Requests()
        self.call = stub.FullDuplexCall(
            iter(self.requests), **{"timeout": TIMEOUT_SECONDS, **options})

    def send(self, request):
        self.requests.send(request)

    def half_close(self):
        self.requests.end()


def empty_unary(stub):
    expect_equal(stub.EmptyCall(pb.Empty(), timeout=TIMEOUT_SECONDS), pb.Empty())


def large_unary(stub):
    expect_large(stub.UnaryCall(large_request(), timeout=TIMEOUT_SECONDS))


def client_compressed_unary(stub):
    expecting = large_request(expect_compressed=pb.BoolValue(value=True))
    with expect_status(grpc.StatusCode.INVALID_ARGUMENT):
        stub.UnaryCall(expecting, timeout=TIMEOUT_SECONDS)
    expect_large(stub.UnaryCall(expecting, timeout=TIMEOUT_SECONDS, compression=GZIP))
    expect_large(stub.UnaryCall(
        large_request(expect_compressed=pb.BoolValue(value=False)), timeout=TIMEOUT_SECONDS))


def server_compressed_unary(stub):
    for compressed in (True, False):
        expect_large(stub.UnaryCall(
            large_request(response_compressed=pb.BoolValue(value=compressed)),
            timeout=TIMEOUT_SECONDS))


def client_streaming(stub):
    requests = [pb.StreamingInputCallRequest(payload=zeros(size)) for size, _ in PING_PONG]
    response = stub.StreamingInputCall(iter(requests), timeout=TIMEOUT_SECONDS)
    expect_equal(response.aggregated_payload_size, 74_922)


def client_compressed_streaming(stub):
    """grpcio has no flag for a single message; but C-core leaves a message as it is when gzip
    does not make it smaller, hence the random bytes in place of zeros."""
    compressed = pb.StreamingInputCallRequest(
        payload=zeros(27_182), expect_compressed=pb.BoolValue(value=True))
    with expect_status(grpc.StatusCode.INVALID_ARGUMENT):
        stub.StreamingInputCall(iter([compressed]), timeout=TIMEOUT_SECONDS)
    uncompressed = pb.StreamingInputCallRequest(
        payload=pb.Payload(body=os.urandom(45_904)), expect_compressed=pb.BoolValue(value=False))
    response = stub.StreamingInputCall(
        iter([compressed, uncompressed]), timeout=TIMEOUT_SECONDS, compression=GZIP)
    expect_equal(response.aggregated_payload_size, 73_086)


def server_streaming(stub):
    sizes = [size for _, size in PING_PONG]
    expect_sizes(
        stub.StreamingOutputCall(output_request(0, *sizes), timeout=TIMEOUT_SECONDS), sizes)


def server_compressed_streaming(stub):
    request = pb.StreamingOutputCallRequest(response_parameters=[
        pb.ResponseParameters(size=31_415, compressed=pb.BoolValue(value=True)),
        pb.ResponseParameters(size=92_653, compressed=pb.BoolValue(value=False))])
    expect_sizes(stub.StreamingOutputCall(request, timeout=TIMEOUT_SECONDS), [31_415, 92_653])


def ping_pong(stub):
    conversation = Conversation(stub)
    for request_bytes, response_bytes in PING_PONG:
        conversation.send(output_request(request_bytes, response_bytes))
        expect_sizes([next(conversation.call)], [response_bytes])
    conversation.half_close()
    expect_equal(list(conversation.call), [])


def empty_stream(stub):
    expect_equal(list(stub.FullDuplexCall(iter([]), timeout=TIMEOUT_SECONDS)), [])


def custom_metadata(stub):
    options = {"timeout": TIMEOUT_SECONDS, "metadata": [INITIAL, TRAILING]}

    def expect_echo(call):
        expect_equal(dict(call.initial_metadata()).get(INITIAL[0]), INITIAL[1])
        expect_equal(dict(call.trailing_metadata()).get(TRAILING[0]), TRAILING[1])

    response, call = stub.UnaryCall.with_call(large_request(), **options)
    expect_large(response)
    expect_echo(call)
    call = stub.FullDuplexCall(
        iter([output_request(LARGE_REQUEST_BYTES, LARGE_RESPONSE_BYTES)]), **options)
    expect_sizes(call, [LARGE_RESPONSE_BYTES])
    expect_echo(call)


def status_code_and_message(stub):
    echoed = pb.EchoStatus(code=2, message="test status message")
    with expect_status(grpc.StatusCode.UNKNOWN, echoed.message):
        stub.UnaryCall(pb.SimpleRequest(response_status=echoed), timeout=TIMEOUT_SECONDS)
    with expect_status(grpc.StatusCode.UNKNOWN, echoed.message):
        list(stub.FullDuplexCall(
            iter([output_request(0, response_status=echoed)]), timeout=TIMEOUT_SECONDS))


def special_status_message(stub):
    echoed = pb.EchoStatus(code=2, message=SPECIAL_MESSAGE)
    with expect_status(grpc.StatusCode.UNKNOWN, SPECIAL_MESSAGE):
        stub.UnaryCall(pb.SimpleRequest(response_status=echoed), timeout=TIMEOUT_SECONDS)


def unimplemented_method(stub):
    with expect_status(grpc.StatusCode.UNIMPLEMENTED):
        stub.UnimplementedCall(pb.Empty(), timeout=TIMEOUT_SECONDS)


def unimplemented_service(stub):
    with expect_status(grpc.StatusCode.UNIMPLEMENTED):
        stub.other("UnimplementedService").UnimplementedCall(
            pb.Empty(), timeout=TIMEOUT_SECONDS)


def cancel_after_begin(stub):
    requests = Requests()
    call = stub.StreamingInputCall.future(iter(requests), timeout=TIMEOUT_SECONDS)
    call.cancel()
    expect_equal(call.cancelled(), True)
    expect_equal(call.code(), grpc.StatusCode.CANCELLED)
    requests.end()


def cancel_after_first_response(stub):
    conversation = Conversation(stub)
    conversation.send(output_request(*PING_PONG[0]))
    expect_sizes([next(conversation.call)], [PING_PONG[0][1]])
    conversation.call.cancel()
    with expect_status(grpc.StatusCode.CANCELLED):
        next(conversation.call)
    conversation.half_close()


def timeout_on_sleeping_server(stub):
    conversation = Conversation(stub, timeout=0.001)
    conversation.send(output_request(27_182))
    with expect_status(grpc.StatusCode.DEADLINE_EXCEEDED):
        next(conversation.call)
    conversation.half_close()


CASES = [
    empty_unary, large_unary, client_compressed_unary, server_compressed_unary,
    client_streaming, client_compressed_streaming, server_streaming,
    server_compressed_streaming, ping_pong, empty_stream, custom_metadata,
    status_code_and_message, special_status_message, unimplemented_method,
    unimplemented_service, cancel_after_begin, cancel_after_first_response,
    timeout_on_sleeping_server,
]


def open_channel(options):
    """A channel with TLS if there is a file with who vouches for the server."""
    address = f"{options.server_host}:{options.server_port}"
    if options.ca_file is None:
        return grpc.insecure_channel(address)
    return grpc.secure_channel(
        address, grpc.ssl_channel_credentials(options.ca_file.read_bytes()),
        options=[("grpc.ssl_target_name_override", options.server_host_override)])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server_host", required=True)
    parser.add_argument("--server_port", type=int, required=True)
    parser.add_argument("--test_case", choices=[case.__name__ for case in CASES], required=True)
    parser.add_argument("--ca_file", type=pathlib.Path)
    parser.add_argument("--server_host_override")
    options = parser.parse_args()
    case = next(case for case in CASES if case.__name__ == options.test_case)
    with open_channel(options) as channel:
        try:
            case(pb.Stub(channel, "TestService"))
        except (AssertionError, grpc.RpcError) as error:
            sys.exit(f"{options.test_case}: {error}")
    # A call that the interpreter collects on its way out asks for a lock that one of grpcio's
    # threads may have held when it was ended, and waits for ever.
    gc.collect()


if __name__ == "__main__":
    main()
