"""RFC 9113, 3.4 and 4: the preface, the frame, its size, and field blocks."""

import frames as f
from blocks import GET_VPS, block, indexed, inserted, literal, request, request_block
from frames import data, frame, headers, message, ping, settings
from requirements import Requirements, answered, closed, connection_error, ignored, stream_error

rfc9113 = Requirements("RFC 9113")


@rfc9113.parametrize
def test_requirement(requirement, port):
    requirement.run(port)


# 3.4: the connection preface.

@rfc9113.case("3.4", "server-preface-is-settings", greets=False)
def _(peer):
    # The daemon need not wait for the client's preface; nor may it send anything else first,
    # which the peer checks of every connection.
    peer.greet()
    assert peer.frames[0].kind == f.SETTINGS


@rfc9113.case("3.4", "preface-in-single-bytes", answered, greets=False)
def _(peer):
    for byte in f.PREFACE + settings():
        peer.send(bytes([byte]))
    peer.call()


@rfc9113.case("3.4", "call-in-one-write-with-the-preface", answered, greets=False)
def _(peer):
    # The client need not wait for the daemon's SETTINGS, nor acknowledge them first.
    peer.send(f.PREFACE, settings())
    peer.call()


WRONG_PREFACES = {
    "http-1.1": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "http-1.1-upgrade": b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, "
                        b"HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "wrong-method": b"PRJ" + f.PREFACE[3:] + settings(),
    "wrong-last-byte": f.PREFACE[:-1] + b"\r" + settings(),
    "settings-without-preface": settings() * 4,
}
for name, start in WRONG_PREFACES.items():
    rfc9113.sends("3.4", f"preface-{name}", start, closed, greets=False)


@rfc9113.case("3.4", "preface-cut-short", closed, greets=False)
def _(peer):
    peer.send(f.PREFACE[:17])
    peer.end_output()


NO_SETTINGS = {
    "ping": ping(),
    "headers": headers(1, block(request())),
    "window-update": f.window_update(0, 1),
    "settings-acknowledgement": settings(flags=f.ACK),
    "goaway": f.goaway(),
    "data": data(1, b"x"),
    "unknown-frame": frame(f.UNKNOWN, 0, 0, b"x"),
}
for name, first in NO_SETTINGS.items():
    rfc9113.sends(
        "3.4", f"first-frame-is-{name}", f.PREFACE + first,
        closed | connection_error(f.PROTOCOL_ERROR), greets=False)


# 4.1: the frame; 5.5: what is not known.

rfc9113.sends("4.1", "unknown-frame-on-connection", frame(f.UNKNOWN, 0xFF, 0, b"x" * 50), ignored)
rfc9113.sends("5.5", "unknown-frame-on-idle-stream", frame(f.UNKNOWN, 0, 7, b"x"), ignored)
rfc9113.sends("5.5", "unknown-frame-empty", frame(f.UNKNOWN, 0, 0), ignored)
rfc9113.sends(
    "5.5", "unknown-frame-of-the-greatest-size",
    frame(f.UNKNOWN, 0, 0, bytes(f.MAX_FRAME_BYTES)), ignored)
rfc9113.sends(
    "5.5", "altsvc-origin-and-priority-update",
    frame(0xA, 0, 0, b"\x00\x00") + frame(0xC, 0, 0) + frame(0x10, 0, 0, bytes(4) + b"u=1"),
    ignored)


@rfc9113.case("5.5", "unknown-frame-within-a-stream", answered)
def _(peer):
    peer.open()
    peer.send(frame(f.UNKNOWN, f.END_STREAM, 1, b"x"), data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("5.5", "unknown-frame-on-closed-stream", ignored, stream=3)
def _(peer):
    peer.call()
    peer.expect_answer()
    peer.send(frame(f.UNKNOWN, 0, 1, b"x"))


@rfc9113.case("4.1", "unused-flags-of-headers-and-data", answered)
def _(peer):
    peer.send(
        headers(1, request_block(), f.END_HEADERS | 0xD2),
        data(1, GET_VPS, f.END_STREAM | 0xF6))


@rfc9113.case("4.1", "unused-flags-of-continuation", answered)
def _(peer):
    whole = request_block()
    peer.send(
        headers(1, whole[:20], 0), f.continuation(1, whole[20:], 0xFF),
        data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("4.1", "unused-flags-of-ping")
def _(peer):
    peer.send(ping(b"flagged.", flags=0xFE))
    peer.read_until(lambda: peer.pings_answered == [b"flagged."])


@rfc9113.case("4.1", "unused-flags-of-settings")
def _(peer):
    peer.send(settings((f.MAX_FRAME_SIZE, 20_000), flags=0xFE))
    peer.read_until(lambda: peer.settings_acknowledged == 2)


rfc9113.sends(
    "4.1", "unused-flags-of-window-update-and-priority",
    frame(f.WINDOW_UPDATE, 0xFF, 0, b"\x00\x00\x00\x01")
    + frame(f.PRIORITY, 0xFF, 3, f.priority_fields()), ignored)


@rfc9113.case("4.1", "unused-flags-of-goaway", answered | closed)
def _(peer):
    # A daemon with nothing left to do may close after it.
    peer.call()
    peer.send(frame(f.GOAWAY, 0xFF, 0, bytes(8)))
    peer.expect_answer()


@rfc9113.case("4.1", "unused-flags-of-rst-stream", ignored)
def _(peer):
    peer.open()
    peer.send(frame(f.RST_STREAM, 0xFF, 1, b"\x00\x00\x00\x08"))


@rfc9113.case("4.1", "reserved-bit-of-the-stream-identifier", answered)
def _(peer):
    reserved = 1 << 31
    peer.send(
        ping().replace(bytes(4), b"\x80\x00\x00\x00", 1),
        headers(1 | reserved, request_block()), data(1 | reserved, GET_VPS, f.END_STREAM))


# 4.2: the size.

@rfc9113.case("4.2", "data-of-the-greatest-size", answered)
def _(peer):
    # Field 15 of the request, which nobody knows, makes up the size.
    unknown = f.MAX_FRAME_BYTES - len(GET_VPS) - 3
    payload = GET_VPS[5:] + b"\x7a" + bytes([unknown & 0x7F | 0x80, unknown >> 7]) + bytes(unknown)
    peer.open()
    assert len(message(payload)) == f.MAX_FRAME_BYTES
    peer.send(data(1, message(payload), f.END_STREAM))


@rfc9113.case(
    "4.2", "data-beyond-the-greatest-size",
    connection_error(f.FRAME_SIZE_ERROR) | stream_error(f.FRAME_SIZE_ERROR))
def _(peer):
    peer.open()
    peer.send(data(1, bytes(f.MAX_FRAME_BYTES + 1)))


@rfc9113.case("4.2", "headers-of-the-greatest-size", answered)
def _(peer):
    # The list has 32 bytes more a field, so that padding has to make up the size.
    padding = 255
    whole = request_block()
    whole += literal("x", "y" * (f.MAX_FRAME_BYTES - len(whole) - padding - 1 - 6))
    longest = f.padded(f.HEADERS, f.END_HEADERS, 1, whole, bytes(padding))
    assert len(longest) == f.FRAME_HEADER_BYTES + f.MAX_FRAME_BYTES
    peer.send(longest, data(1, GET_VPS, f.END_STREAM))


TOO_LONG = f.MAX_FRAME_BYTES + 1
ALTER_CONNECTION = {
    "headers": headers(1, bytes(TOO_LONG)),
    "settings": settings(*[(0xF000, 0)] * (TOO_LONG // 6 + 1)),
    "goaway": f.goaway(debug=bytes(TOO_LONG)),
    "push-promise": frame(f.PUSH_PROMISE, f.END_HEADERS, 1, bytes(TOO_LONG)),
}
for name, frames in ALTER_CONNECTION.items():
    rfc9113.sends("4.2", f"{name}-beyond-the-greatest-size", frames,
                  connection_error(f.FRAME_SIZE_ERROR))
# The generic code may always stand for a specific one (5.4).
rfc9113.sends(
    "4.2", "continuation-beyond-the-greatest-size", headers(1, request_block(), 0)
    + f.continuation(1, literal("x", "y" * (TOO_LONG - 6))),
    connection_error(f.FRAME_SIZE_ERROR, f.PROTOCOL_ERROR))
rfc9113.sends(
    "4.2", "unknown-frame-beyond-the-greatest-size", frame(f.UNKNOWN, 0, 0, bytes(TOO_LONG)),
    connection_error(f.FRAME_SIZE_ERROR))
rfc9113.sends(
    "4.2", "length-of-2^24-1", frame(f.DATA, 0, 1, length=2**24 - 1),
    connection_error(f.FRAME_SIZE_ERROR))


# 4.3: field blocks.

INTERRUPTIONS = {
    "data": data(1, b"x"),
    "headers-of-the-same-stream": headers(1, request_block()),
    "headers-of-another-stream": headers(3, request_block()),
    "priority": f.priority(1),
    "rst-stream": f.rst_stream(1),
    "settings": settings(),
    "settings-acknowledgement": settings(flags=f.ACK),
    "ping": ping(),
    "goaway": f.goaway(),
    "window-update": f.window_update(1, 1),
    "continuation-of-another-stream": f.continuation(3, b""),
    "unknown-frame": frame(f.UNKNOWN, 0, 1, b"x"),
}
for name, frames in INTERRUPTIONS.items():
    rfc9113.sends("4.3", f"field-block-interrupted-by-{name}",
                  headers(1, request_block(), 0) + frames, connection_error(f.PROTOCOL_ERROR))

rfc9113.sends(
    "4.3", "field-block-that-does-not-decompress", headers(1, request_block() + indexed(0)),
    connection_error(f.COMPRESSION_ERROR))
rfc9113.sends(
    "4.3", "field-block-that-ends-within-a-field", headers(1, request_block()[:-1]),
    connection_error(f.COMPRESSION_ERROR))


@rfc9113.case("4.3", "trailers-that-do-not-decompress", connection_error(f.COMPRESSION_ERROR))
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, indexed(0), f.END_HEADERS | f.END_STREAM))


@rfc9113.case("4.3", "field-block-of-a-malformed-request-is-decoded", answered, stream=3)
def _(peer):
    # The path is put into the table behind what makes the request malformed, and used after.
    fields = block(request(("X-Capital", "1"), path=None))
    peer.send(headers(1, fields + inserted("te", "trailers"), f.END_HEADERS | f.END_STREAM))
    assert peer.finish(1).reset == f.PROTOCOL_ERROR
    peer.send(headers(3, block(request(te=None)) + indexed(62)), data(3, GET_VPS, f.END_STREAM))


@rfc9113.case("4.3", "field-block-of-a-request-over-the-list-limit-is-decoded", answered, stream=3)
def _(peer):
    fields = request_block(*[("x", "y" * 5000)] * 3)
    rest = literal("x", "y" * 5000) + inserted("te", "trailers")
    peer.send(headers(1, fields, f.END_STREAM), f.continuation(1, rest))
    assert peer.finish(1).grpc_status != 0
    peer.send(headers(3, block(request(te=None)) + indexed(62)), data(3, GET_VPS, f.END_STREAM))


@rfc9113.case("4.3", "field-block-of-trailers-is-decoded", answered, stream=3)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS),
              headers(1, inserted("te", "trailers"), f.END_HEADERS | f.END_STREAM))
    peer.expect_answer(1)
    peer.send(headers(3, block(request(te=None)) + indexed(62)), data(3, GET_VPS, f.END_STREAM))


@rfc9113.case("4.3", "field-block-split-in-all-places")
def _(peer):
    # The daemon bounds the CONTINUATION frames of a block, so each place has its own stream.
    whole = request_block()
    for at in range(0, len(whole), 7):
        stream = 2 * at + 1
        peer.send(headers(stream, whole[:at], 0), f.continuation(stream, whole[at:at + 1], 0),
                  f.continuation(stream, whole[at + 1:]), data(stream, GET_VPS, f.END_STREAM))
        peer.expect_answer(stream)
