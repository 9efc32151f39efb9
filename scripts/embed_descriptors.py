"""Prints the Swift source that holds the files of a google.protobuf.FileDescriptorSet.

embed_descriptors.py SET. The files are written as text, since a compiler takes a long literal of
numbers much longer than one string.
"""

import base64
import sys
import textwrap

HEADER = '''\
/// The files of proto/ and those that they import, as protoc describes them, each before those
/// that import it. Written by scripts/generate-descriptors.sh.
enum EmbeddedDescriptors {
  /// Encoded google.protobuf.FileDescriptorProtos, each in the URL-safe alphabet of RFC 4648.
  static let files: [StaticString] = [\
'''
COLUMNS = 100


def varint(data, position):
    """The number at `position`, and where the next thing begins."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position


def length_delimited(data):
    """The fields of a message that has none but with a length: (number, bytes)."""
    position = 0
    while position < len(data):
        tag, position = varint(data, position)
        if tag & 7 != 2:
            return
        count, position = varint(data, position)
        yield tag >> 3, data[position:position + count]
        position += count


def main():
    with open(sys.argv[1], "rb") as stream:
        files = [value for number, value in length_delimited(stream.read()) if number == 1]
    print(HEADER)
    for file in files:
        # FileDescriptorProto.name is its first field.
        name = next(value for number, value in length_delimited(file) if number == 1)
        text = base64.urlsafe_b64encode(file).decode("ascii").rstrip("=")
        print(f"    // {name.decode('utf-8')}")
        print('    """')
        lines = textwrap.wrap(text, COLUMNS - 5, break_on_hyphens=False)
        print("\\\n".join(f"    {line}" for line in lines))
        print('    """,')
    print("  ]\n}")


main()
