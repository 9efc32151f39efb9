"""Compares our protos with those that they must agree with on the wire.

check_descriptors.py OURS THEIRS: two files, each a google.protobuf.FileDescriptorSet.

- Every file below grpc/ is equal, field for field and option for option, to the gRPC project's
  of the same name. Comments are not part of a descriptor set and may differ.
- packd.v1.Money has the fields of google.type.Money: names, numbers, types.
"""

import sys

from google.protobuf import descriptor_pb2
from google.type import money_pb2


def read_files(path):
    """The files of a descriptor set by name."""
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as stream:
        files.ParseFromString(stream.read())
    return {file.name: file for file in files.file}


def wire_fields(message):
    """What of a message can be seen on the wire or in JSON."""
    return sorted((f.number, f.name, f.type, f.label) for f in message.field)


def differences(ours, theirs):
    """A line for each thing that does not agree."""
    for name in sorted(name for name in ours if name.startswith("grpc/")):
        if name not in theirs:
            yield f"{name}: the gRPC project has no such file"
        elif ours[name] != theirs[name]:
            yield f"{name}: differs from the gRPC project's:\n{ours[name]}\n---\n{theirs[name]}"

    expected = descriptor_pb2.DescriptorProto()
    money_pb2.Money.DESCRIPTOR.CopyToProto(expected)
    types = ours["packd/v1/types.proto"].message_type
    money = next(message for message in types if message.name == "Money")
    if wire_fields(money) != wire_fields(expected):
        yield f"packd.v1.Money differs from google.type.Money:\n{money}\n---\n{expected}"


def main():
    found = list(differences(read_files(sys.argv[1]), read_files(sys.argv[2])))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
