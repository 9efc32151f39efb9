"""Messages and stubs of grpc.testing, made from Debian's grpc-proto when this is imported.

Generated modules would be called grpc.testing.…, which is in grpcio's own package.
"""
import pathlib
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

PROTO_ROOT = "/usr/share/grpc-proto"


def _compile():
    """The descriptors of test.proto and of what it imports."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "descriptors")
        status = protoc.main([
            "protoc", f"-I{PROTO_ROOT}", "--include_imports", f"--descriptor_set_out={output}",
            "grpc/testing/test.proto"])
        if status:
            raise SystemExit(f"protoc has refused the protos in {PROTO_ROOT}")
        files = descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


_pool = _compile()


def _message(name):
    return message_factory.GetMessageClass(
        _pool.FindMessageTypeByName(f"grpc.testing.{name}"))


BoolValue = _message("BoolValue")
EchoStatus = _message("EchoStatus")
Empty = _message("Empty")
Payload = _message("Payload")
ResponseParameters = _message("ResponseParameters")
SimpleRequest = _message("SimpleRequest")
StreamingInputCallRequest = _message("StreamingInputCallRequest")
StreamingOutputCallRequest = _message("StreamingOutputCallRequest")


class Stub:
    """The methods of one service of test.proto, by their names."""

    def __init__(self, channel, service):
        self._channel = channel
        descriptor = _pool.FindServiceByName(f"grpc.testing.{service}")
        for method in descriptor.methods:
            make = getattr(channel, "{}_{}".format(
                "stream" if method.client_streaming else "unary",
                "stream" if method.server_streaming else "unary"))
            setattr(self, method.name, make(
                f"/{descriptor.full_name}/{method.name}",
                request_serializer=message_factory.GetMessageClass(
                    method.input_type).SerializeToString,
                response_deserializer=message_factory.GetMessageClass(
                    method.output_type).FromString))

    def other(self, service):
        """Another service on the same channel."""
        return Stub(self._channel, service)
