"""HTTP/2 frames as bytes, legal or not (RFC 9113, sections 4.1, 6 and 7)."""

import struct
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_HEADER_BYTES = 9
# What a frame may hold before SETTINGS_MAX_FRAME_SIZE says otherwise; packd leaves it there.
MAX_FRAME_BYTES = 16_384
MAX_WINDOW = 2**31 - 1
# Windows before any SETTINGS or WINDOW_UPDATE.
FIRST_WINDOW = 65_535

(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE,
 CONTINUATION) = range(10)
UNKNOWN = 0xFA

END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20

NO_ERROR = 0x0
PROTOCOL_ERROR = 0x1
FLOW_CONTROL_ERROR = 0x3
STREAM_CLOSED = 0x5
FRAME_SIZE_ERROR = 0x6
REFUSED_STREAM = 0x7
CANCEL = 0x8
COMPRESSION_ERROR = 0x9

HEADER_TABLE_SIZE = 0x1
ENABLE_PUSH = 0x2
MAX_CONCURRENT_STREAMS = 0x3
INITIAL_WINDOW_SIZE = 0x4
MAX_FRAME_SIZE = 0x5
MAX_HEADER_LIST_SIZE = 0x6
NO_RFC7540_PRIORITIES = 0x9


@dataclass(frozen=True)
class Frame:
    """A frame that came."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    @property
    def ends_stream(self):
        return self.kind in (DATA, HEADERS) and bool(self.flags & END_STREAM)

    @property
    def error_code(self):
        """Of RST_STREAM and GOAWAY."""
        start = 4 if self.kind == GOAWAY else 0
        return int.from_bytes(self.payload[start:start + 4], "big")

    @property
    def last_stream(self):
        """Of GOAWAY."""
        return int.from_bytes(self.payload[:4], "big")

    @property
    def entries(self):
        """Of SETTINGS."""
        return dict(struct.iter_unpack(">HI", self.payload))


def frame(kind, flags, stream, payload=b"", length=None):
    """Any frame; `length` lies about the payload."""
    size = len(payload) if length is None else length
    return size.to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + payload


def data(stream, payload=b"", flags=0):
    return frame(DATA, flags, stream, payload)


def headers(stream, block, flags=END_HEADERS):
    return frame(HEADERS, flags, stream, block)


def continuation(stream, block=b"", flags=END_HEADERS):
    return frame(CONTINUATION, flags, stream, block)


def padded(kind, flags, stream, payload, padding, count=None):
    """A frame with `padding` behind its payload; `count` lies about how much it is."""
    count = len(padding) if count is None else count
    return frame(kind, flags | PADDED, stream, bytes([count]) + payload + padding)


def priority_fields(depends_on=0, weight=15, exclusive=False):
    """The five bytes of PRIORITY, which HEADERS may have too."""
    return struct.pack(">IB", depends_on | exclusive << 31, weight)


def priority(stream, **fields):
    return frame(PRIORITY, 0, stream, priority_fields(**fields))


def rst_stream(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def settings(*entries, flags=0, stream=0):
    """Entries are pairs of an identifier and a value, in the order in which they are sent."""
    payload = b"".join(struct.pack(">HI", *entry) for entry in entries)
    return frame(SETTINGS, flags, stream, payload)


def ping(payload=b"12345678", flags=0, stream=0):
    return frame(PING, flags, stream, payload)


def goaway(code=NO_ERROR, last_stream=0, debug=b"", stream=0):
    return frame(GOAWAY, 0, stream, struct.pack(">II", last_stream, code) + debug)


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def message(payload, length=None):
    """A gRPC message behind its prefix; `length` lies about its length."""
    return struct.pack(">BI", 0, len(payload) if length is None else length) + payload
