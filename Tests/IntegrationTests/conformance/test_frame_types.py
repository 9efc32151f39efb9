"""RFC 9113, 6: what each type of frame has to be. Windows have a file of their own."""

import frames as f
import pytest
from blocks import GET_VPS, request_block
from frames import (
    continuation,
    data,
    frame,
    goaway,
    headers,
    padded,
    ping,
    priority_fields,
    rst_stream,
    settings,
)
from requirements import (
    Requirements,
    answered,
    closed,
    connection_error,
    ignored,
    stream_error,
)

rfc9113 = Requirements("RFC 9113")

protocol_error = connection_error(f.PROTOCOL_ERROR)
frame_size_error = connection_error(f.FRAME_SIZE_ERROR)
# A stream error, which may end the connection (5.4.1).
stream_frame_size_error = stream_error(f.FRAME_SIZE_ERROR) | frame_size_error
ALL = f.END_HEADERS | f.END_STREAM


@rfc9113.parametrize
def test_requirement(requirement, port):
    requirement.run(port)


# 6.1: DATA.

rfc9113.sends("6.1", "data-on-stream-0", data(0, b"x"), protocol_error)

BAD_PADDING = {
    "padding-one-longer-than-the-rest": padded(f.DATA, 0, 1, b"", b"\0\0", count=3),
    "padding-much-longer-than-the-rest": padded(f.DATA, 0, 1, b"xx", b"", count=255),
    "padding-of-nothing": padded(f.DATA, 0, 1, b"", b"", count=1),
}
for name, frames in BAD_PADDING.items():
    @rfc9113.case("6.1", f"data-with-{name}", protocol_error)
    def _(peer, frames=frames):
        peer.open()
        peer.send(frames)


# 4.2 asks for FRAME_SIZE_ERROR of a frame that is too small; the generic code may always stand
# for a specific one (5.4).
@rfc9113.case("6.1", "data-padded-without-a-pad-length", stream_frame_size_error | protocol_error)
def _(peer):
    peer.open()
    peer.send(frame(f.DATA, f.PADDED, 1))


@rfc9113.case("6.1", "data-with-padding", answered)
def _(peer):
    peer.open()
    peer.send(padded(f.DATA, 0, 1, GET_VPS[:4], bytes(255)),
              padded(f.DATA, 0, 1, GET_VPS[4:], b""),
              padded(f.DATA, f.END_STREAM, 1, b"", bytes(10)))


@rfc9113.case("6.1", "data-with-padding-that-is-not-zero", answered | protocol_error)
def _(peer):
    # The daemon may verify it, and has no reason to.
    peer.open()
    peer.send(padded(f.DATA, f.END_STREAM, 1, GET_VPS, b"\xff" * 9))


@rfc9113.case("6.1", "data-without-content", answered)
def _(peer):
    peer.open()
    peer.send(data(1), data(1, GET_VPS), data(1), data(1, b"", f.END_STREAM))


# 6.2: HEADERS.

rfc9113.sends("6.2", "headers-on-stream-0", headers(0, request_block(), ALL), protocol_error)
rfc9113.sends(
    "6.2", "headers-with-padding-one-longer-than-the-rest",
    padded(f.HEADERS, ALL, 1, b"", b"\0\0", count=3), protocol_error)
rfc9113.sends(
    "6.2", "headers-with-padding-that-reaches-into-the-priority",
    padded(f.HEADERS, ALL | f.HAS_PRIORITY, 1, priority_fields(), bytes(3), count=4),
    protocol_error)
rfc9113.sends("6.2", "headers-padded-without-a-pad-length",
              frame(f.HEADERS, ALL | f.PADDED, 1), frame_size_error | protocol_error)
rfc9113.sends("6.2", "headers-with-half-a-priority",
              headers(1, priority_fields()[:4], ALL | f.HAS_PRIORITY), frame_size_error)
rfc9113.sends("6.2", "headers-padded-with-half-a-priority",
              padded(f.HEADERS, ALL | f.HAS_PRIORITY, 1, b"\0\0\0\0", b""),
              frame_size_error | protocol_error)


@rfc9113.case("6.2", "headers-with-padding-and-priority", answered)
def _(peer):
    fields = priority_fields(depends_on=99, weight=255, exclusive=True) + request_block()
    peer.send(padded(f.HEADERS, f.END_HEADERS | f.HAS_PRIORITY, 1, fields, bytes(255)),
              data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("6.2", "headers-padded-before-continuation", answered)
def _(peer):
    whole = request_block()
    peer.send(padded(f.HEADERS, 0, 1, whole[:30], bytes(7)), continuation(1, whole[30:]),
              data(1, GET_VPS, f.END_STREAM))


# 6.3: PRIORITY, deprecated; its frame is still checked.

rfc9113.sends("6.3", "priority-on-stream-0", f.priority(0), protocol_error)
for size in (0, 4, 6):
    rfc9113.sends("6.3", f"priority-of-{size}-bytes", frame(f.PRIORITY, 0, 1, bytes(size)),
                  stream_frame_size_error)


# 6.4: RST_STREAM.

rfc9113.sends("6.4", "rst-stream-on-stream-0", rst_stream(0), protocol_error)
for size in (0, 3, 5):
    @rfc9113.case("6.4", f"rst-stream-of-{size}-bytes", frame_size_error)
    def _(peer, size=size):
        peer.open()
        peer.send(frame(f.RST_STREAM, 0, 1, bytes(size)))


@rfc9113.case("6.4", "rst-stream-ends-the-stream", ignored)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), rst_stream(1))
    # Had the stream been open still, this would have been answered on it.
    peer.call(3)
    peer.expect_answer(3)
    assert peer.reply(1).headers is None


# 6.5: SETTINGS.

rfc9113.sends("6.5", "settings-on-a-stream", settings(stream=1), protocol_error)
rfc9113.sends("6.5", "settings-acknowledgement-with-a-payload",
              settings((f.MAX_FRAME_SIZE, f.MAX_FRAME_BYTES), flags=f.ACK), frame_size_error)
rfc9113.sends("6.5", "settings-acknowledgement-on-a-stream", settings(flags=f.ACK, stream=1),
              protocol_error)
for size in (1, 5, 7):
    rfc9113.sends("6.5", f"settings-of-{size}-bytes", frame(f.SETTINGS, 0, 0, bytes(size)),
                  frame_size_error)

BAD_VALUES = {
    "enable-push-2": ((f.ENABLE_PUSH, 2), f.PROTOCOL_ERROR),
    "enable-push-2^32-1": ((f.ENABLE_PUSH, 2**32 - 1), f.PROTOCOL_ERROR),
    "initial-window-above-2^31-1": ((f.INITIAL_WINDOW_SIZE, 2**31), f.FLOW_CONTROL_ERROR),
    "initial-window-2^32-1": ((f.INITIAL_WINDOW_SIZE, 2**32 - 1), f.FLOW_CONTROL_ERROR),
    "max-frame-size-0": ((f.MAX_FRAME_SIZE, 0), f.PROTOCOL_ERROR),
    "max-frame-size-below-2^14": ((f.MAX_FRAME_SIZE, 2**14 - 1), f.PROTOCOL_ERROR),
    "max-frame-size-above-2^24-1": ((f.MAX_FRAME_SIZE, 2**24), f.PROTOCOL_ERROR),
}
for name, (entry, code) in BAD_VALUES.items():
    rfc9113.sends("6.5.2", name, settings(entry), connection_error(code))
    # The first SETTINGS frame is no exception.
    rfc9113.sends("6.5.2", f"{name}-at-first", f.PREFACE + settings(entry),
                  connection_error(code), greets=False)
rfc9113.sends("6.5.2", "bad-value-behind-good-ones",
              settings((f.MAX_FRAME_SIZE, 2**14), (0xF0F0, 1), (f.ENABLE_PUSH, 3)),
              protocol_error)

GOOD_VALUES = {
    "nothing": [],
    "header-table-size-0": [(f.HEADER_TABLE_SIZE, 0)],
    "header-table-size-2^32-1": [(f.HEADER_TABLE_SIZE, 2**32 - 1)],
    "enable-push-0": [(f.ENABLE_PUSH, 0)],
    "enable-push-1": [(f.ENABLE_PUSH, 1)],
    "max-concurrent-streams-0": [(f.MAX_CONCURRENT_STREAMS, 0)],
    "max-concurrent-streams-2^32-1": [(f.MAX_CONCURRENT_STREAMS, 2**32 - 1)],
    "initial-window-2^31-1": [(f.INITIAL_WINDOW_SIZE, f.MAX_WINDOW)],
    "max-frame-size-2^14": [(f.MAX_FRAME_SIZE, 2**14)],
    "max-frame-size-2^24-1": [(f.MAX_FRAME_SIZE, 2**24 - 1)],
    "max-header-list-size-2^32-1": [(f.MAX_HEADER_LIST_SIZE, 2**32 - 1)],
    "unknown-settings": [(0, 1), (0x7, 0), (0xFFFF, 2**32 - 1)],
    "unknown-setting-twice": [(0xF0F0, 1), (0xF0F0, 2)],
}
for name, entries in GOOD_VALUES.items():
    @rfc9113.case("6.5.2", name, answered)
    def _(peer, entries=entries):
        peer.send(settings(*entries))
        peer.call()
        peer.read_until(lambda: peer.settings_acknowledged == 2)

for value, outcome in {0: ignored, 1: ignored, 2: protocol_error}.items():
    # RFC 9218, 2.1: only 0 and 1 are allowed, and only in the first SETTINGS.
    @rfc9113.case("5.3.2", f"no-rfc7540-priorities-{value}", outcome, greets=False)
    def _(peer, value=value):
        peer.send(f.PREFACE, settings((f.NO_RFC7540_PRIORITIES, value)), settings(flags=f.ACK))


@rfc9113.case("6.5.3", "the-last-of-equal-entries-counts")
def _(peer):
    peer.send(settings((f.INITIAL_WINDOW_SIZE, 1), (f.INITIAL_WINDOW_SIZE, 0),
                       (f.INITIAL_WINDOW_SIZE, 3)))
    peer.call()
    peer.read_until(lambda: peer.reply(1).data)
    assert len(peer.reply(1).data) == 3
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer()


@rfc9113.case("6.5.3", "each-settings-frame-is-acknowledged-once")
def _(peer):
    peer.send(*[settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW + at)) for at in range(20)])
    assert peer.call_well()
    assert peer.settings_acknowledged == 21
    assert all(not one.payload for one in peer.of_kind(f.SETTINGS) if one.flags & f.ACK)


# 6.6: PUSH_PROMISE, which no client may send.

@rfc9113.case("6.6", "push-promise-on-an-open-stream", protocol_error)
def _(peer):
    peer.open()
    peer.send(frame(f.PUSH_PROMISE, f.END_HEADERS, 1, b"\0\0\0\2" + request_block()))


rfc9113.sends(
    "6.6", "push-promise-on-stream-0",
    frame(f.PUSH_PROMISE, f.END_HEADERS, 0, b"\0\0\0\2" + request_block()), protocol_error)
rfc9113.sends(
    "6.6", "push-promise-on-an-idle-stream",
    frame(f.PUSH_PROMISE, f.END_HEADERS, 1, b"\0\0\0\2" + request_block()), protocol_error)


# 6.7: PING.

rfc9113.sends("6.7", "ping-on-a-stream", ping(stream=1), protocol_error)
for size in (0, 7, 9):
    rfc9113.sends("6.7", f"ping-of-{size}-bytes", frame(f.PING, 0, 0, bytes(size)),
                  frame_size_error)
rfc9113.sends("6.7", "ping-acknowledgement-of-7-bytes", ping(b"1234567", flags=f.ACK),
              frame_size_error)


@rfc9113.case("6.7", "ping-is-answered-with-its-payload")
def _(peer):
    payloads = [b"00000000", bytes(range(8)), b"\xff" * 8]
    peer.send(*map(ping, payloads))
    peer.read_until(lambda: len(peer.pings_answered) == 3)
    assert peer.pings_answered == payloads


@rfc9113.case("6.7", "ping-acknowledgement-is-not-answered")
def _(peer):
    peer.send(ping(b"answered", flags=f.ACK), ping(b"asked..."))
    assert peer.call_well()
    peer.read_until(lambda: peer.pings_answered)
    assert peer.pings_answered == [b"asked..."]


@rfc9113.case("6.7", "ping-is-answered-while-a-stream-waits", entries=[(f.INITIAL_WINDOW_SIZE, 0)])
def _(peer):
    peer.call()
    peer.read_until(lambda: peer.reply(1).headers)
    peer.send(ping())
    peer.read_until(lambda: peer.pings_answered)
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer()


# 6.8: GOAWAY.

rfc9113.sends("6.8", "goaway-on-a-stream", goaway(stream=1), protocol_error)
for size in (0, 4, 7):
    rfc9113.sends("6.8", f"goaway-of-{size}-bytes", frame(f.GOAWAY, 0, 0, bytes(size)),
                  frame_size_error)


# It announces the end of what the daemon may open, which is nothing; once the daemon has
# nothing left to do it may close.
@pytest.mark.parametrize("code", [f.NO_ERROR, f.PROTOCOL_ERROR, 0xB])
@pytest.mark.parametrize("debug", [b"", b"debug \xff\0 data" * 100], ids=["bare", "with-data"])
def test_goaway_lets_open_streams_finish(peer, code, debug):
    peer.open(1)
    peer.open(3)
    peer.send(goaway(code, debug=debug), data(1, GET_VPS, f.END_STREAM))
    peer.expect_answer(1)
    peer.send(data(3, GET_VPS, f.END_STREAM))
    peer.expect_answer(3)


rfc9113.sends("6.8", "goaway-on-an-idle-connection", goaway(), ignored | closed)
rfc9113.sends("6.8", "goaway-that-names-a-stream-nobody-opened", goaway(last_stream=2**31 - 1),
              ignored | closed | protocol_error)


# 6.9: WINDOW_UPDATE's frame.

for size in (0, 3, 5):
    rfc9113.sends("6.9", f"window-update-of-{size}-bytes-on-connection",
                  frame(f.WINDOW_UPDATE, 0, 0, bytes(size)), frame_size_error)

    @rfc9113.case("6.9", f"window-update-of-{size}-bytes-on-stream", frame_size_error)
    def _(peer, size=size):
        peer.open()
        peer.send(frame(f.WINDOW_UPDATE, 0, 1, bytes(size)))


# 6.10: CONTINUATION.

rfc9113.sends("6.10", "continuation-on-stream-0", continuation(0, request_block()),
              protocol_error)
rfc9113.sends("6.10", "continuation-of-nothing", continuation(1, request_block()),
              protocol_error)
rfc9113.sends(
    "6.10", "continuation-on-stream-0-within-a-block",
    headers(1, request_block(), 0) + continuation(0), protocol_error)


@rfc9113.case("6.10", "continuation-after-the-end-of-the-block", protocol_error)
def _(peer):
    peer.open()
    peer.send(continuation(1, b""))


@rfc9113.case("6.10", "continuation-after-a-block-in-continuations", protocol_error)
def _(peer):
    whole = request_block()
    peer.send(headers(1, whole[:9], 0), continuation(1, whole[9:]), continuation(1))


@rfc9113.case("6.10", "continuation-after-data", protocol_error)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), continuation(1))


@rfc9113.case("6.10", "continuations-after-headers-without-content", answered)
def _(peer):
    whole = request_block()
    peer.send(headers(1, b"", 0), continuation(1, b"", 0), continuation(1, whole[:5], 0),
              continuation(1, b"", 0), continuation(1, whole[5:], 0), continuation(1),
              data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("6.10", "end-stream-counts-after-the-continuations", answered)
def _(peer):
    # Trailers in pieces; END_STREAM stands on HEADERS alone, and means nothing on the rest.
    trailers = b"\x00\x01x\x01y" * 3
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, trailers[:4], f.END_STREAM),
              continuation(1, trailers[4:], f.END_HEADERS | f.END_STREAM))
