"""Reflection: tools that have no proto files find out what there is, and call it."""

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from packd_testing.tokens import make_token

BUF = Path(sys.executable).with_name("buf")
VERSIONS = ["v1", "v1alpha"]
SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "packd.v1.CatalogueService",
    "packd.v1.PackageService",
    "packd.v1.SellerPackageService",
]
TIMEOUT_SECONDS = 20


@pytest.fixture
def channel(daemon):
    with daemon.channel() as one:
        yield one


def converse(channel, version, requests):
    """The answers to all requests, on one stream. The messages of both versions are the same."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString)
    return list(method(iter(requests), timeout=TIMEOUT_SECONDS))


def question(**fields):
    return reflection_pb2.ServerReflectionRequest(host="localhost", **fields)


def files(response):
    return [
        descriptor_pb2.FileDescriptorProto.FromString(file)
        for file in response.file_descriptor_response.file_descriptor_proto]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_services_are_those_that_are_served(channel, version):
    (response,) = converse(channel, version, [question(list_services="")])
    assert [service.name for service in response.list_services_response.service] == SERVICES


@pytest.mark.parametrize("version", VERSIONS)
def test_questions_of_one_stream_are_answered_in_order(channel, version):
    questions = [
        question(file_containing_symbol="packd.v1.CatalogueService.GetPlan"),
        question(file_by_filename="packd/v1/types.proto"),
        question(file_containing_symbol="no.such.Symbol"),
        question(),
        question(all_extension_numbers_of_type="packd.v1.Plan"),
        question(file_by_filename="packd/v1/catalogue_service.proto"),
    ] * 50
    responses = converse(channel, version, questions)
    assert [response.original_request for response in responses] == questions
    assert {response.valid_host for response in responses} == {"localhost"}
    first = files(responses[0])
    assert first[0].name == "packd/v1/catalogue_service.proto"
    assert {file.name for file in first} == {first[0].name, *first[0].dependency}
    # What it needs was sent before.
    assert [file.name for file in files(responses[5])] == [first[0].name]
    assert responses[2].error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert responses[3].error_response.error_code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert responses[4].all_extension_numbers_response.base_type_name == "packd.v1.Plan"


def test_a_question_that_does_not_decode_ends_the_stream(channel):
    method = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    with pytest.raises(grpc.RpcError) as error:
        list(method(iter([b"\x1a\xff"]), timeout=TIMEOUT_SECONDS))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_call_can_be_made_with_what_reflection_tells_alone(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    assert sorted(database.get_services()) == SERVICES
    for name in SERVICES:
        assert pool.FindServiceByName(name).methods
    method = pool.FindServiceByName("packd.v1.CatalogueService").FindMethodByName("GetPlan")
    call = channel.unary_unary(
        "/packd.v1.CatalogueService/GetPlan",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString)
    response = call(
        GetMessageClass(method.input_type)(code="vps"), timeout=TIMEOUT_SECONDS,
        metadata=[("authorization", "Bearer " + make_token())])
    assert response.plan.code == "vps"


def buf(daemon, path, *options, data=None):
    """`buf curl` without a proto file: stdout, and the exit status."""
    command = [
        BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *options,
        *(["--data", json.dumps(data)] if data is not None else []),
        f"http://{daemon.address}{path}"]
    # Away from any folder that has protos.
    done = subprocess.run(
        list(map(str, command)), cwd=daemon.folder, stdin=subprocess.DEVNULL, text=True,
        capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    return done.stdout, done.returncode, done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_buf_curl_calls_without_files(daemon, version):
    options = ["--reflect-protocol", f"grpc-{version}"]
    token = "authorization: Bearer " + make_token()
    output, status, errors = buf(
        daemon, "/packd.v1.CatalogueService/GetPlan", "--header", token, *options,
        data={"code": "vps"})
    assert status == 0, errors
    assert json.loads(output)["plan"]["code"] == "vps"
    output, status, errors = buf(
        daemon, "/grpc.health.v1.Health/Check", *options, data={"service": SERVICES[-1]})
    assert status == 0, errors
    assert json.loads(output) == {"status": "SERVING"}


def test_buf_curl_lists_what_there_is(daemon):
    output, status, errors = buf(daemon, "", "--list-services")
    assert (output.split(), status) == (SERVICES, 0), errors
    output, status, errors = buf(daemon, "", "--list-methods")
    assert status == 0, errors
    assert "packd.v1.CatalogueService/GetPlan" in output.split()


def test_errors_come_with_their_details(daemon):
    _, status, errors = buf(
        daemon, "/packd.v1.CatalogueService/GetPlan", data={"code": "vps"})
    assert status != 0
    assert json.loads(errors)["code"] == "unauthenticated"


def test_reflection_can_be_switched_off(own_daemon):
    own_daemon.options = ["--no-reflection"]
    own_daemon.start()
    with own_daemon.channel() as channel:
        for version in VERSIONS:
            with pytest.raises(grpc.RpcError) as error:
                converse(channel, version, [question(list_services="")])
            assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
    _, status, errors = buf(
        own_daemon, "/packd.v1.CatalogueService/GetPlan", data={"code": "vps"})
    assert status != 0, errors
