"""The gRPC project's interop cases with C-core, and what packd-interop does beyond them.

`make interop` runs the cases from more stacks.
"""

import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest

INTEROP = Path(__file__).resolve().parents[1] / "Interop"
sys.path[:0] = [str(INTEROP), str(INTEROP / "python")]

import interop  # noqa: E402
import testing_protos as pb  # noqa: E402

TIMEOUT_SECONDS = 10


@pytest.fixture(scope="module")
def server():
    with interop.Server() as running:
        yield running


@pytest.fixture(scope="module")
def stub(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield pb.Stub(channel, "TestService")


@pytest.mark.parametrize("case", interop.CASES)
def test_the_case_passes(server, case, tmp_path):
    assert interop.run_case(interop.python(tmp_path), server.port, case) is None


def refusal(call):
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code(), raised.value.details()


@pytest.mark.parametrize("size", [-1, (16 << 20) + 1, 2**31 - 1])
def test_a_response_that_cannot_be_made_is_refused(stub, size):
    code, details = refusal(lambda: stub.UnaryCall(
        pb.SimpleRequest(response_size=size), timeout=TIMEOUT_SECONDS))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert str(size) in details
    request = pb.StreamingOutputCallRequest(
        response_parameters=[pb.ResponseParameters(size=size)])
    code, _ = refusal(lambda: list(stub.StreamingOutputCall(request, timeout=TIMEOUT_SECONDS)))
    assert code == grpc.StatusCode.INVALID_ARGUMENT


def test_a_payload_type_that_is_not_supported_is_refused(stub):
    code, details = refusal(lambda: stub.UnaryCall(
        pb.SimpleRequest(response_type=7), timeout=TIMEOUT_SECONDS))
    assert (code, details) == (
        grpc.StatusCode.INVALID_ARGUMENT, "payloads of type 7 are not supported")


def test_a_status_that_is_none_is_refused(stub):
    code, details = refusal(lambda: stub.UnaryCall(
        pb.SimpleRequest(response_status=pb.EchoStatus(code=17)), timeout=TIMEOUT_SECONDS))
    assert (code, details) == (grpc.StatusCode.INVALID_ARGUMENT, "17 is no status code")


@pytest.mark.parametrize(("code", "expected"), [
    (code.value[0], code) for code in grpc.StatusCode if code != grpc.StatusCode.OK])
def test_every_status_is_echoed(stub, code, expected):
    echoed = pb.EchoStatus(code=code, message="as asked for")
    assert refusal(lambda: stub.UnaryCall(
        pb.SimpleRequest(response_status=echoed), timeout=TIMEOUT_SECONDS)) == (
            expected, "as asked for")


def test_a_message_that_came_compressed_but_should_not_have_is_refused(stub):
    request = pb.SimpleRequest(
        payload=pb.Payload(body=bytes(1000)), expect_compressed=pb.BoolValue(value=False))
    code, details = refusal(lambda: stub.UnaryCall(
        request, timeout=TIMEOUT_SECONDS, compression=grpc.Compression.Gzip))
    assert (code, details) == (
        grpc.StatusCode.INVALID_ARGUMENT, "the message is compressed")


def test_a_message_that_does_not_decode_is_refused_by_name_and_field(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        for path in ("UnaryCall", "StreamingOutputCall"):
            call = channel.unary_stream(f"/grpc.testing.TestService/{path}")
            code, details = refusal(lambda: list(call(b"\x3a\x05\x08", timeout=TIMEOUT_SECONDS)))
            assert code == grpc.StatusCode.INVALID_ARGUMENT
            assert details.startswith("grpc.testing."), details
            assert "field 7" in details


def test_a_half_duplex_call_answers_once_the_client_is_done(stub):
    sizes = [3, 1, 4, 1, 5]
    done = []

    def requests():
        for size in sizes:
            yield pb.StreamingOutputCallRequest(
                response_parameters=[pb.ResponseParameters(size=size)])
            time.sleep(0.02)
        done.append(time.monotonic())

    call = stub.HalfDuplexCall(requests(), timeout=TIMEOUT_SECONDS)
    first = next(call)
    assert done and done[0] <= time.monotonic()
    assert [len(r.payload.body) for r in [first, *call]] == sizes


def test_a_half_duplex_call_keeps_only_so_much(stub):
    request = pb.StreamingOutputCallRequest(
        response_parameters=[pb.ResponseParameters()] * 60_000)
    code, _ = refusal(lambda: list(
        stub.HalfDuplexCall(iter([request, request]), timeout=TIMEOUT_SECONDS)))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_responses_come_at_the_intervals_asked_for(stub):
    request = pb.StreamingOutputCallRequest(response_parameters=[
        pb.ResponseParameters(size=1, interval_us=100_000) for _ in range(3)])
    began = time.monotonic()
    assert len(list(stub.StreamingOutputCall(request, timeout=TIMEOUT_SECONDS))) == 3
    assert 0.3 <= time.monotonic() - began < 3


def test_a_cacheable_call_is_answered_anew_and_says_for_how_long_it_is_good(stub):
    bodies = set()
    for _ in range(2):
        response, call = stub.CacheableUnaryCall.with_call(
            pb.SimpleRequest(), timeout=TIMEOUT_SECONDS)
        assert dict(call.initial_metadata())["cache-control"] == "max-age=60, public"
        bodies.add(int(response.payload.body))
    assert len(bodies) == 2
    assert all(abs(body / 1e9 - time.time()) < 60 for body in bodies)


@pytest.mark.parametrize("arguments", [
    [], ["--listen", "nowhere"], ["--listen", "127.0.0.1:70000"],
    ["--listen", "127.0.0.1:0", "--event-loops", "0"]])
def test_bad_options_are_refused(arguments):
    done = subprocess.run(
        [interop.find_server(), *arguments], capture_output=True, text=True, check=False,
        timeout=TIMEOUT_SECONDS)
    assert done.returncode == 64
    assert "Error:" in done.stderr
