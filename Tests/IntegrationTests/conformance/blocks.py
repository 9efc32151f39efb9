"""Field blocks as bytes, legal or not (RFC 7541). Nothing here keeps a table: what a block does
to the decoder's is for each case to know."""

from frames import message
from packd_testing.tokens import make_token

STATIC_ENTRIES = 61
# What both sides begin with, SETTINGS_HEADER_TABLE_SIZE.
FIRST_TABLE_BYTES = 4096
# RFC 7541, 4.1: what an entry takes beside its name and value.
ENTRY_OVERHEAD_BYTES = 32

# GetPlanRequest{code: "vps"}
GET_VPS = message(b"\x12\x03vps")
GET_PLAN = "/packd.v1.CatalogueService/GetPlan"
LIST_PLANS = "/packd.v1.CatalogueService/ListPlans"


def integer(number, prefix_bits, first=0):
    """RFC 7541, 5.1; `first` has the bits before the prefix."""
    limit = (1 << prefix_bits) - 1
    if number < limit:
        return bytes([first | number])
    octets = [first | limit]
    number -= limit
    while number >= 0x80:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


def octets(text):
    return text.encode("latin-1") if isinstance(text, str) else text


def string(text):
    """RFC 7541, 5.2, without Huffman coding."""
    return integer(len(octets(text)), 7) + octets(text)


def huffman(coded):
    """A string of these bytes, which are said to be Huffman code."""
    return integer(len(coded), 7, 0x80) + coded


def indexed(index):
    return integer(index, 7, 0x80)


def literal(name, value):
    """Without indexing, RFC 7541, 6.2.2; a number stands for the name at that index."""
    start = integer(name, 4) if isinstance(name, int) else b"\x00" + string(name)
    return start + string(value)


def never_indexed(name, value):
    """RFC 7541, 6.2.3."""
    start = integer(name, 4, 0x10) if isinstance(name, int) else b"\x10" + string(name)
    return start + string(value)


def inserted(name, value):
    """With incremental indexing, RFC 7541, 6.2.1."""
    start = integer(name, 6, 0x40) if isinstance(name, int) else b"\x40" + string(name)
    return start + string(value)


def table_size(size):
    """RFC 7541, 6.3."""
    return integer(size, 5, 0x20)


def request(*more, path=GET_PLAN, **changes):
    """A good call's fields, changed: None leaves a field out. In names _ stands for -, and a
    leading _ for the colon of a pseudo-header. `more` are pairs that follow."""
    fields = {
        ":method": "POST", ":scheme": "http", ":path": path, ":authority": "127.0.0.1",
        "te": "trailers", "content-type": "application/grpc",
        "authorization": f"Bearer {make_token()}",
    }
    for name, value in changes.items():
        name = (":" + name[1:] if name.startswith("_") else name).replace("_", "-")
        fields[name] = value
    return [pair for pair in fields.items() if pair[1] is not None] + list(more)


def block(fields):
    """Fields without any compression."""
    return b"".join(literal(name, value) for name, value in fields)


def request_block(*more, **changes):
    return block(request(*more, **changes))
