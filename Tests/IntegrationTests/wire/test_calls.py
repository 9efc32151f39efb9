"""Calls that a gRPC client would not make, and the answers that the protocol asks for."""

import base64
import struct

import grpc
import pytest
from connection import GET_PLAN, GET_VPS, Connection, message
from google.rpc import status_pb2
from packd.v1 import catalogue_service_pb2 as catalogue

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
CREATE_PLAN = "/packd.v1.CatalogueService/CreatePlan"

# Number of a status code by its name.
CODES = {code.name: code.value[0] for code in grpc.StatusCode}


@pytest.fixture
def connection(port):
    with Connection(port) as one:
        yield one


def varint(number):
    """A protobuf varint."""
    octets = []
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


def expect(reply, code):
    assert reply.http_status == 200, reply
    assert reply.grpc_status == CODES[code], reply


def test_a_good_call_is_answered_with_headers_message_and_trailers(connection):
    reply = connection.call()
    expect(reply, "OK")
    assert reply.headers["content-type"].startswith("application/grpc")
    assert not reply.is_trailers_only
    compressed, length = struct.unpack(">BI", reply.data[:5])
    assert compressed == 0
    assert length == len(reply.data) - 5
    assert catalogue.GetPlanResponse.FromString(reply.data[5:]).plan.code == "vps"


def test_an_error_is_sent_with_its_details(connection):
    reply = connection.call(message(b"\x12\x04none"))
    expect(reply, "NOT_FOUND")
    assert reply.grpc_message == "Plan not found"
    encoded = reply.last_headers["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    assert status.code == CODES["NOT_FOUND"]
    assert status.message == "Plan not found"
    assert reply.data == b""


def test_many_calls_share_a_connection(connection):
    streams = [connection.start() for _ in range(50)]
    for stream in streams:
        connection.send_body(stream, GET_VPS)
    for stream in streams:
        expect(connection.receive(stream), "OK")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "post", "NONSENSE"])
def test_a_method_other_than_post_is_405(connection, method):
    reply = connection.call(_method=method)
    assert reply.http_status == 405
    assert reply.grpc_status is None


@pytest.mark.parametrize(
    "content_type",
    [None, "", "application/json", "application/grpc-web", "application/grpcx", "text/plain"],
)
def test_another_content_type_is_415(connection, content_type):
    reply = connection.call(content_type=content_type)
    assert reply.http_status == 415
    assert reply.grpc_status is None


@pytest.mark.parametrize("content_type", ["application/grpc+proto", "application/grpc"])
def test_a_grpc_content_type_is_taken(connection, content_type):
    expect(connection.call(content_type=content_type), "OK")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/packd.v1.CatalogueService/Nope", "Nope"),
        ("/packd.v1.Nope/GetPlan", "packd.v1.Nope"),
        ("/packd.v1.catalogueservice/GetPlan", "packd.v1.catalogueservice"),
        ("/packd.v1.CatalogueService/GetPlan/", "packd.v1.CatalogueService/GetPlan"),
        ("/packd.v1.CatalogueService/", "packd.v1.CatalogueService"),
        ("/packd.v1.CatalogueService", "packd.v1.CatalogueService"),
        ("//", ""),
        ("/", ""),
        ("/packd.v1.CatalogueService/GetPlan?x=1", "GetPlan?x=1"),
        ("/x/" + "y" * 2000, ""),
    ],
    ids=lambda value: value[:40],
)
def test_an_unknown_method_is_unimplemented_and_named(connection, path, named):
    reply = connection.call(path=path)
    expect(reply, "UNIMPLEMENTED")
    assert reply.is_trailers_only
    assert named in reply.grpc_message


@pytest.mark.parametrize("path", ["packd.v1.CatalogueService/GetPlan", "*"])
def test_a_path_without_leading_slash_is_refused(connection, path):
    # HTTP/2 itself forbids it (RFC 9113, 8.3.1), so the stream may end below gRPC.
    reply = connection.call(path=path)
    assert reply.grpc_status == CODES["UNIMPLEMENTED"] or reply.reset == 1, reply


@pytest.mark.parametrize(
    "timeout", ["", "1", "S", "1x", "1s", "-1S", "+1S", "1.5S", "1 S", "123456789S", "1SS", "0x1S"])
def test_a_malformed_timeout_is_an_invalid_argument(connection, timeout):
    expect(connection.call(grpc_timeout=timeout), "INVALID_ARGUMENT")


@pytest.mark.parametrize("timeout", ["5S", "99999999H", "1M", "5000m", "9999999u", "99999999n"])
def test_a_timeout_in_any_unit_is_taken(connection, timeout):
    reply = connection.call(grpc_timeout=timeout)
    # The last one is a tenth of a second, which a busy machine may need.
    assert reply.grpc_status in (0, CODES["DEADLINE_EXCEEDED"] if timeout[-1] == "n" else 0)


@pytest.mark.parametrize("timeout", ["1n", "0n", "0S", "1u"])
def test_a_deadline_that_has_passed_is_exceeded(connection, timeout):
    expect(connection.call(grpc_timeout=timeout), "DEADLINE_EXCEEDED")


def test_a_deadline_passes_while_the_request_is_awaited(connection):
    stream = connection.start(grpc_timeout="100m")
    expect(connection.receive(stream), "DEADLINE_EXCEEDED")


def test_a_unary_call_without_message_is_unimplemented(connection):
    for body in (None, b""):
        expect(connection.call(body), "UNIMPLEMENTED")


def test_a_unary_call_with_two_messages_is_unimplemented(connection):
    expect(connection.call(GET_VPS + GET_VPS), "UNIMPLEMENTED")


@pytest.mark.parametrize(
    "body",
    [b"\x00", b"\x00\x00\x00\x00", GET_VPS[:5], GET_VPS[:-1], message(b"", length=1),
     message(b"x" * 10, length=11)],
    ids=["1 byte", "4 bytes", "prefix alone", "last byte missing", "empty", "one byte short"],
)
def test_a_message_that_is_cut_off_is_internal(connection, body):
    expect(connection.call(body), "INTERNAL")


def test_bytes_after_the_message_are_internal(connection):
    expect(connection.call(GET_VPS + b"\x00\x00"), "INTERNAL")


@pytest.mark.parametrize("length", [MAX_MESSAGE_BYTES + 1, 2**31, 2**32 - 1])
def test_a_message_that_is_too_long_is_refused_before_it_is_sent(connection, length):
    stream = connection.start()
    connection.send_body(stream, message(b"x" * 100, length=length), end_stream=False)
    expect(connection.receive(stream), "RESOURCE_EXHAUSTED")


def test_a_message_of_the_greatest_length_is_read(connection):
    # An unknown field, number 100, fills it: it decodes, as a request that names no plan.
    tag_and_length = b"\xa2\x06" + varint(MAX_MESSAGE_BYTES - 6)
    assert len(tag_and_length) == 6
    body = message(tag_and_length + bytes(MAX_MESSAGE_BYTES - 6))
    reply = connection.call(body)
    expect(reply, "INVALID_ARGUMENT")
    assert "decode" not in reply.grpc_message


def test_a_compressed_flag_without_encoding_is_internal(connection):
    body = message(GET_VPS[5:], compressed=1)
    expect(connection.call(body), "INTERNAL")
    expect(connection.call(body, grpc_encoding="identity"), "INTERNAL")


@pytest.mark.parametrize("flag", [2, 255])
def test_a_flag_that_is_neither_0_nor_1_is_internal(connection, flag):
    expect(connection.call(message(GET_VPS[5:], compressed=flag)), "INTERNAL")


@pytest.mark.parametrize("flag", [0, 1])
def test_an_unknown_encoding_is_unimplemented_and_those_known_are_named(connection, flag):
    reply = connection.call(message(GET_VPS[5:], compressed=flag), grpc_encoding="zebra")
    expect(reply, "UNIMPLEMENTED")
    assert "zebra" in reply.grpc_message
    accepted = {**(reply.headers or {}), **(reply.trailers or {})}["grpc-accept-encoding"]
    assert "identity" in accepted.split(",")


@pytest.mark.parametrize(
    ("path", "payload", "named", "number"),
    [
        (GET_PLAN, b"\x08", "GetPlanRequest", 1),
        (GET_PLAN, b"\x12\x05vps", "GetPlanRequest", 2),
        (GET_PLAN, b"\x12\x02\xc3\x28", "GetPlanRequest", 2),
        (GET_PLAN, b"\x18" + b"\xff" * 11, "GetPlanRequest", 3),
        (CREATE_PLAN, b"\x0a\x04\x1a\x02\xff\xff", "Plan", 3),
        (CREATE_PLAN, b"\x0a\x04\x52\x02\x0a\x7f", "Money", 1),
    ],
    ids=["varint cut off", "length past the end", "bad UTF-8", "long varint",
         "bad UTF-8 in a plan", "length past the end of an amount"],
)
def test_a_message_that_does_not_decode_is_named_with_its_field(
    connection, path, payload, named, number
):
    reply = connection.call(message(payload), path=path)
    expect(reply, "INVALID_ARGUMENT")
    assert named in reply.grpc_message
    assert str(number) in reply.grpc_message


@pytest.mark.parametrize(
    "payload",
    [b"\x00", b"\x00\x00", b"\x07", b"\x0e", b"\x0c", b"\x0b", b"\xff" * 20, b"\x80" * 9],
    ids=["field 0", "field 0 with value", "wire type 7", "wire type 6", "end-group alone",
         "group without end", "no tag", "tag cut off"],
)
def test_a_malformed_message_is_an_invalid_argument(connection, payload):
    expect(connection.call(message(payload)), "INVALID_ARGUMENT")


def test_messages_nested_too_deep_are_an_invalid_argument(connection):
    payload = b""
    for _ in range(2000):
        payload = b"\x0b" + payload + b"\x0c"
    expect(connection.call(message(payload)), "INVALID_ARGUMENT")


def test_a_reset_call_leaves_the_connection_usable(connection):
    for _ in range(20):
        stream = connection.start()
        connection.h2.reset_stream(stream, 8)
        connection.flush()
    expect(connection.call(), "OK")


def test_a_message_in_many_small_frames_is_put_together(connection):
    stream = connection.start()
    for byte in GET_VPS[:-1]:
        connection.h2.send_data(stream, bytes([byte]))
        connection.flush()
    connection.h2.send_data(stream, GET_VPS[-1:], end_stream=True, pad_length=200)
    connection.flush()
    expect(connection.receive(stream), "OK")


def test_an_answer_waits_for_the_clients_window(port):
    with Connection(port, window=0) as connection:
        stream = connection.start()
        connection.send_body(stream, GET_VPS)
        # Acknowledged settings first, so that the small window holds.
        for size in (1, 9, 2**16):
            connection.h2.increment_flow_control_window(size, stream)
            connection.flush()
        expect(connection.receive(stream), "OK")
