"""RFC 7541: field blocks that a decoder must refuse, and those that it must not."""

import frames as f
from blocks import (
    ENTRY_OVERHEAD_BYTES,
    FIRST_TABLE_BYTES,
    GET_VPS,
    STATIC_ENTRIES,
    block,
    huffman,
    indexed,
    inserted,
    integer,
    literal,
    never_indexed,
    request,
    request_block,
    string,
    table_size,
)
from frames import continuation, data, headers, settings
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from requirements import (
    Requirements,
    answered,
    answered_with,
    connection_error,
    stream_error,
)

rfc7541 = Requirements("RFC 7541")

compression_error = connection_error(f.COMPRESSION_ERROR)
ALL = f.END_HEADERS | f.END_STREAM
# The first entry of the dynamic table.
NEWEST = STATIC_ENTRIES + 1


@rfc7541.parametrize
def test_requirement(requirement, port):
    requirement.run(port)


def refused(section, name, fault, before=True):
    """A case whose block has a fault, behind a good request's fields or before them."""
    whole = request_block()
    blocks = whole + fault if before else fault + whole
    rfc7541.sends(section, name, headers(1, blocks, ALL), compression_error)


def taken(section, name, more, at_first=False):
    """A case whose block has more than a good request, and is answered."""
    whole = request_block()
    blocks = more + whole if at_first else whole + more
    rfc7541.sends(section, name, headers(1, blocks) + data(1, GET_VPS, f.END_STREAM), answered)


def without_te(*parts):
    """A good request whose te field is made of these parts."""
    return block(request(te=None)) + b"".join(parts)


# 2.3 and 6.1: indices.

refused("6.1", "index-0", indexed(0))
refused("2.3.3", "index-beyond-an-empty-table", indexed(NEWEST))
refused("2.3.3", "index-far-beyond-both-tables", indexed(10_000))
refused("2.3.3", "index-beyond-the-newest-entry", inserted("x", "y") + indexed(NEWEST + 1))
refused("2.3.3", "name-index-beyond-both-tables", literal(NEWEST, "x"))
refused("2.3.3", "name-index-beyond-both-tables-inserted", inserted(NEWEST, "x"))
refused("2.3.3", "name-index-beyond-both-tables-never-indexed", never_indexed(NEWEST, "x"))


@rfc7541.case("2.3.1", "static-table-in-its-whole", answered)
def _(peer):
    # But pseudo-fields, authorization, content-length, content-type, host, transfer-encoding:
    # an empty value makes these wrong, for other reasons.
    names = set(range(15, STATIC_ENTRIES + 1)) - {23, 28, 31, 38, 57}
    whole = b"".join(indexed(at) for at in names)
    peer.send(headers(1, request_block() + whole), data(1, GET_VPS, f.END_STREAM))


@rfc7541.case("2.3.1", "static-entries-are-the-right-ones", answered)
def _(peer):
    # :method POST, :scheme http; names of :path, :authority, content-type.
    fields = dict(request())
    whole = indexed(3) + indexed(6) + literal(4, fields[":path"]) + literal(1, "127.0.0.1")
    whole += literal("te", "trailers") + literal(31, fields["content-type"])
    whole += never_indexed(23, fields["authorization"])
    peer.send(headers(1, whole), data(1, GET_VPS, f.END_STREAM))


# 2.3.2 and 4: the dynamic table.

@rfc7541.case("2.2", "table-lasts-over-the-streams-of-a-connection", answered, stream=5)
def _(peer):
    fields = b"".join(inserted(*one) for one in request())
    count = len(request())
    peer.send(headers(1, fields), data(1, GET_VPS, f.END_STREAM))
    peer.expect_answer(1)
    # The first is the oldest.
    again = b"".join(indexed(NEWEST + count - 1 - at) for at in range(count))
    peer.send(headers(5, again), data(5, GET_VPS, f.END_STREAM))


@rfc7541.case("2.3.2", "newest-entry-is-the-first", answered)
def _(peer):
    peer.send(
        headers(1, without_te(inserted("te", "trailers"), inserted("x", "y"), indexed(NEWEST),
                              literal(NEWEST + 1, "trailers"))), data(1, GET_VPS, f.END_STREAM))


# What fills a new table to its last byte, with "x": "y…".
FILL = FIRST_TABLE_BYTES - ENTRY_OVERHEAD_BYTES - 1


@rfc7541.case("4.1", "entry-as-large-as-the-table-stays", answered)
def _(peer):
    peer.send(headers(1, request_block() + inserted("x", "y" * FILL) + indexed(NEWEST)),
              data(1, GET_VPS, f.END_STREAM))


refused("4.4", "entry-larger-than-the-table-empties-it",
        inserted("a", "b") + inserted("x", "y" * (FILL + 1)) + indexed(NEWEST))
taken("4.4", "entry-larger-than-the-table-is-no-error", inserted("x", "y" * (FILL + 1)))
refused("4.4", "oldest-entry-goes-when-one-comes",
        inserted("a", "b") + inserted("x", "y" * FILL) + indexed(NEWEST + 1))
taken("4.4", "oldest-entry-stays-while-there-is-room",
      inserted("a", "b") + inserted("x", "y" * (FILL - 2 - ENTRY_OVERHEAD_BYTES))
      + indexed(NEWEST + 1))
# The name of an entry that has to go for the new one is still good (4.4).
taken("4.4", "name-of-an-entry-that-is-evicted-by-itself",
      inserted("x", "y" * FILL) + inserted(NEWEST, "z") + indexed(NEWEST))
taken("2.3.2", "equal-entries-are-not-one",
      inserted("a", "b") * 2 + indexed(NEWEST) + indexed(NEWEST + 1))
refused("6.2.2", "literal-without-indexing-is-not-inserted", literal("a", "b") + indexed(NEWEST))
refused("6.2.3", "literal-never-indexed-is-not-inserted", never_indexed("a", "b") + indexed(NEWEST))


# 4.2 and 6.3: the table's size.

taken("4.2", "size-update-at-the-start", table_size(0), at_first=True)
taken("4.2", "size-update-to-the-limit", table_size(FIRST_TABLE_BYTES), at_first=True)
taken("4.2", "two-size-updates-at-the-start", table_size(0) + table_size(FIRST_TABLE_BYTES),
      at_first=True)
refused("6.3", "size-update-above-the-limit", table_size(FIRST_TABLE_BYTES + 1), before=False)
refused("6.3", "size-update-far-above-the-limit", table_size(2**31), before=False)
refused("6.3", "second-size-update-above-the-limit", table_size(0) + table_size(2**20),
        before=False)
refused("4.2", "size-update-at-the-end", table_size(0))
refused("4.2", "size-update-between-fields", table_size(0) + literal("x", "y"))


@rfc7541.case("4.2", "size-update-at-the-start-of-a-continuation", compression_error)
def _(peer):
    whole = request_block()
    peer.send(headers(1, whole, 0), continuation(1, table_size(0)))


@rfc7541.case("4.2", "size-update-in-a-continuation-at-the-start-of-the-block", answered)
def _(peer):
    whole = request_block()
    peer.send(headers(1, b"", 0), continuation(1, table_size(100) + whole),
              data(1, GET_VPS, f.END_STREAM))


@rfc7541.case("4.2", "size-update-in-trailers", answered)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, table_size(64) + literal("x", "y"), ALL))


# Such a block is whole, and its request has nothing that a request needs.
rfc7541.sends("6.3", "block-of-a-size-update-alone", headers(1, table_size(100), ALL),
              stream_error(f.PROTOCOL_ERROR))


@rfc7541.case("4.3", "size-update-to-0-empties-the-table", compression_error)
def _(peer):
    peer.send(headers(1, request_block() + inserted("x", "y")), data(1, GET_VPS, f.END_STREAM))
    peer.expect_answer(1)
    peer.send(headers(3, table_size(0) + table_size(FIRST_TABLE_BYTES) + indexed(NEWEST), ALL))


@rfc7541.case("4.3", "size-update-evicts-what-has-no-room", compression_error)
def _(peer):
    entry = ENTRY_OVERHEAD_BYTES + 2
    peer.send(headers(1, request_block() + inserted("a", "b") + inserted("c", "d")),
              data(1, GET_VPS, f.END_STREAM))
    peer.expect_answer(1)
    peer.send(headers(3, table_size(2 * entry - 1) + request_block() + indexed(NEWEST)),
              data(3, GET_VPS, f.END_STREAM))
    peer.expect_answer(3)
    peer.send(headers(5, request_block() + indexed(NEWEST + 1), ALL))


# 5.1: integers.

taken("5.1", "integer-with-octets-that-add-nothing", b"\x0f\x80\x00" + string("x"))
refused("5.1", "integer-that-does-not-end", b"\x7f" + b"\xff" * 5)
refused("5.1", "integer-beyond-32-bits-as-an-index", b"\xff" + b"\xff" * 4 + b"\x7f")
refused("5.1", "integer-beyond-64-bits-as-an-index", b"\xff" + b"\xff" * 9 + b"\x7f")
refused("5.1", "integer-that-wraps-to-a-good-index-at-32-bits",
        integer(2**32 + 2, 7, 0x80))
refused("5.1", "integer-that-wraps-to-a-good-index-at-64-bits",
        integer(2**64 + 2, 7, 0x80))
refused("5.1", "integer-beyond-32-bits-as-a-length", b"\x00" + integer(2**32 + 1, 7) + b"x")
refused("5.1", "integer-beyond-32-bits-as-a-table-size",
        integer(2**32 + 64, 5, 0x20), before=False)
refused("5.1", "integer-of-very-many-octets", b"\xff" + b"\x80" * 1000 + b"\x00")


# 5.2: strings.

refused("5.2", "name-longer-than-the-block", b"\x00" + integer(10, 7) + b"x")
refused("5.2", "value-longer-than-the-block", b"\x00" + string("x") + integer(10, 7) + b"y")
refused("5.2", "value-missing", b"\x00" + string("x"))
refused("5.2", "huffman-value-longer-than-the-block",
        b"\x00" + string("x") + integer(10, 7, 0x80) + b"\x1f")
refused("5.2", "string-of-2^28-bytes-that-never-come", b"\x00" + integer(2**28, 7) + b"x" * 100)


def coded(name, fault, good=False):
    """A case whose block has a value in Huffman code."""
    field = b"\x00" + string("x") + huffman(fault)
    (taken if good else refused)("5.2", f"huffman-{name}", field)


# Codes, RFC 7541, appendix B: "a" is 00011, "0" is 00000, EOS is 30 ones.
coded("with-padding-of-ones", bytes([0b00011_111]), good=True)
coded("without-padding", bytes([0b00011_000, 0b11_00011_0, 0b0011_0001, 0b1_00011_00, 0b011_00011]),
      good=True)
coded("of-nothing", b"", good=True)
coded("with-padding-of-zeros", bytes([0b00011_000]))
coded("with-padding-of-zeros-and-ones", bytes([0b00011_101]))
coded("with-padding-of-8-ones", bytes([0b00011_111, 0xFF]))
coded("of-padding-alone", b"\xff")
coded("with-eos", bytes([0xFF, 0xFF, 0xFF, 0b111111_11]))
coded("with-eos-and-more", bytes([0xFF, 0xFF, 0xFF, 0b111111_00, 0b011_11111]))
coded("that-ends-within-a-code", bytes([0b00011_111, 0b11111110]))
refused("5.2", "huffman-name-with-padding-of-zeros",
        b"\x00" + huffman(bytes([0b00011_000])) + string("y"))


@rfc7541.case("5.2", "huffman-code-of-every-octet", answered)
def _(peer):
    encoder = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)
    octets = bytes(at for at in range(0x21, 0x100) if at != 0x7F)
    whole = b"\x00" + huffman(encoder.encode(b"custom-name")) + huffman(encoder.encode(octets))
    peer.send(headers(1, request_block() + whole), data(1, GET_VPS, f.END_STREAM))


# 6: representations that are cut off.

for name, start in {
    "indexed": b"\xff", "inserted": b"\x40", "inserted-with-a-name-index": b"\x44",
    "literal": b"\x00", "never-indexed": b"\x10\x01x", "size-update": b"\x3f",
}.items():
    refused("6", f"block-that-ends-within-{name}", start, before=name != "size-update")


@rfc7541.case("6.2.1", "literal-split-between-headers-and-continuation")
def _(peer):
    field = inserted("some-name", "some-value")
    for at in range(len(field) + 1):
        stream = 2 * at + 1
        peer.send(headers(stream, request_block() + field[:at], 0),
                  continuation(stream, field[at:] + indexed(NEWEST)),
                  data(stream, GET_VPS, f.END_STREAM))
        peer.expect_answer(stream)


# Appendix C: three requests on one connection, as bytes that the RFC gives.

EXAMPLES = {
    "C.3": ["828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"],
    "C.4": ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"],
}
for section, examples in EXAMPLES.items():
    @rfc7541.case(section, "requests-of-the-example", answered_with(405), stream=5)
    def _(peer, examples=examples):
        for number, example in enumerate(examples):
            peer.send(headers(2 * number + 1, bytes.fromhex(example), ALL))
            assert peer.finish(2 * number + 1).http_status == 405


# What the daemon's own encoder owes.

@rfc7541.case("4.2", "own-encoder-keeps-to-a-table-of-0")
def _(peer):
    peer.call(1)
    peer.expect_answer(1)
    peer.send(settings((f.HEADER_TABLE_SIZE, 0)))
    peer.read_until(lambda: peer.settings_acknowledged == 2)
    # The decoder refuses a block that does not begin with the update, and has no entries.
    peer.decoder.max_allowed_table_size = 0
    for stream in (3, 5):
        peer.call(stream)
        peer.expect_answer(stream)
    blocks = [one.payload for one in peer.of_kind(f.HEADERS, 3)]
    assert blocks[0].startswith(table_size(0))
    assert len(peer.decoder.header_table.dynamic_entries) == 0


@rfc7541.case("4.2", "own-encoder-tells-of-the-smallest-size-between-two-blocks")
def _(peer):
    peer.call(1)
    peer.expect_answer(1)
    peer.send(settings((f.HEADER_TABLE_SIZE, 0)), settings((f.HEADER_TABLE_SIZE, 4096)))
    peer.read_until(lambda: peer.settings_acknowledged == 3)
    peer.call(3)
    peer.expect_answer(3)
    first = peer.of_kind(f.HEADERS, 3)[0].payload
    assert first.startswith(table_size(0) + table_size(4096))


@rfc7541.case("4.2", "own-encoder-need-not-use-a-larger-table",
              entries=[(f.HEADER_TABLE_SIZE, 2**20)])
def _(peer):
    peer.decoder.max_allowed_table_size = 2**20
    for stream in (1, 3):
        peer.call(stream)
        peer.expect_answer(stream)
