"""Says what Google's runtime makes of encoded messages.

Reads lines of "<full message name> <hex>" (no hex: no bytes), and prints one line for each:
"refuse", or "accept <hex>" with the message encoded again, deterministically and without the
fields that it does not know. Run with the packages of judge-requirements.txt.
"""

import pathlib
import sys
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from google.protobuf.internal import api_implementation
from google.rpc import error_details_pb2  # noqa: F401, found again through its file's path
from grpc_tools import protoc
import grpc_tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTOS = [
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "packd/v1/types.proto",
    "packd/v1/catalogue_service.proto",
    "packd/v1/package_service.proto",
    "packd/v1/seller_package_service.proto",
    "wire_shapes.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
]


def pool():
    """The messages of the contract, the tests and google.rpc, from their proto files."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "set"
        status = protoc.main([
            "protoc",
            f"--proto_path={ROOT / 'proto'}",
            f"--proto_path={ROOT / 'Tests' / 'APITests'}",
            f"--proto_path={pathlib.Path(error_details_pb2.__file__).parents[2]}",
            f"--proto_path={pathlib.Path(grpc_tools.__file__).parent / '_proto'}",
            "--include_imports",
            f"--descriptor_set_out={out}",
            *PROTOS,
        ])
        if status != 0:
            sys.exit("judge: protoc failed")
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    result = descriptor_pool.DescriptorPool()
    for file in files.file:
        result.Add(file)
    return result


def main():
    if api_implementation.Type() != "upb":
        sys.exit(f"judge: upb is to judge, not {api_implementation.Type()}")
    types = pool()
    classes = {}
    for line in sys.stdin:
        name, _, hexadecimal = line.strip().partition(" ")
        if name not in classes:
            classes[name] = message_factory.GetMessageClass(types.FindMessageTypeByName(name))
        try:
            value = classes[name].FromString(bytes.fromhex(hexadecimal))
        except message.DecodeError:
            print("refuse")
            continue
        value.DiscardUnknownFields()
        print("accept", value.SerializeToString(deterministic=True).hex())


main()
