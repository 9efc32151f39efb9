"""RFC 9113, 5 and 7: states of a stream, identifiers, how many, and errors."""

import frames as f
import pytest
from blocks import GET_VPS, block, indexed, inserted, request, request_block
from frames import data, frame, headers, ping, priority, rst_stream, settings, window_update
from peer import Peer
from requirements import Requirements, answered, connection_error, ignored, stream_error

rfc9113 = Requirements("RFC 9113")

# What 5.1 allows for a frame on a stream that is closed for good.
closed_stream_error = connection_error(f.STREAM_CLOSED, f.PROTOCOL_ERROR)
MAX_STREAMS = 100


@rfc9113.parametrize
def test_requirement(requirement, port):
    requirement.run(port)


def wait_in_half_closed(peer, stream=1):
    """Brings a stream into half-closed (remote), where it stays, since its response has no
    window to go through."""
    peer.call(stream)
    peer.read_until(lambda: peer.reply(stream).headers)


NO_WINDOW = {"entries": [(f.INITIAL_WINDOW_SIZE, 0)]}


# 5.1: idle.

IDLE = {
    "data": data(5, b"x", f.END_STREAM),
    "empty-data": data(5),
    "rst-stream": rst_stream(5),
    "rst-stream-of-the-servers": rst_stream(2),
    "window-update": window_update(5, 1),
    "window-update-of-the-servers": window_update(2, 1),
    "continuation": f.continuation(5, request_block()),
}
for name, frames in IDLE.items():
    rfc9113.sends("5.1", f"idle-stream-gets-{name}", frames, connection_error(f.PROTOCOL_ERROR))
rfc9113.sends("5.1", "idle-stream-gets-priority", priority(5), ignored)


@rfc9113.case("5.1", "idle-stream-beside-an-open-one-gets-data", connection_error(f.PROTOCOL_ERROR))
def _(peer):
    peer.open(1)
    peer.send(data(3, GET_VPS, f.END_STREAM))


# 5.1: open.

@rfc9113.case("5.1", "open-stream-takes-data-in-pieces", answered)
def _(peer):
    peer.open()
    peer.send(*(data(1, GET_VPS[at:at + 1]) for at in range(len(GET_VPS))))
    peer.send(data(1, b"", f.END_STREAM))


@rfc9113.case("5.1", "open-stream-takes-window-update-and-priority", answered)
def _(peer):
    peer.open()
    peer.send(window_update(1, 1), priority(1), data(1, GET_VPS, f.END_STREAM))


# 5.1: half-closed (remote).

half_closed_error = stream_error(f.STREAM_CLOSED) | connection_error(f.STREAM_CLOSED)
HALF_CLOSED = {
    "data": data(1, b"x"),
    "empty-data-that-ends-it-again": data(1, b"", f.END_STREAM),
    "headers": headers(1, request_block(), f.END_HEADERS | f.END_STREAM),
    "trailers": headers(1, b"", f.END_HEADERS | f.END_STREAM),
}
for name, frames in HALF_CLOSED.items():
    @rfc9113.case("5.1", f"half-closed-stream-gets-{name}", half_closed_error, **NO_WINDOW)
    def _(peer, frames=frames):
        wait_in_half_closed(peer)
        peer.send(frames)
        # For the good call that comes after.
        peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))


@rfc9113.case("5.1", "half-closed-stream-gets-continuation", connection_error(f.PROTOCOL_ERROR),
              **NO_WINDOW)
def _(peer):
    wait_in_half_closed(peer)
    peer.send(f.continuation(1, request_block()))


@rfc9113.case("5.1", "half-closed-stream-takes-window-update-and-priority", answered, **NO_WINDOW)
def _(peer):
    wait_in_half_closed(peer)
    peer.send(priority(1), window_update(1, f.FIRST_WINDOW))
    peer.expect_answer()
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))


@rfc9113.case("5.1", "half-closed-stream-takes-rst-stream", ignored, **NO_WINDOW)
def _(peer):
    wait_in_half_closed(peer)
    peer.send(rst_stream(1), settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))


# 5.1: closed, by END_STREAM from both sides.

COMPLETE = {
    "data": (data(1, b"x"), closed_stream_error | stream_error(f.STREAM_CLOSED) | ignored),
    "headers": (headers(1, request_block(), f.END_HEADERS | f.END_STREAM),
                closed_stream_error | stream_error(f.STREAM_CLOSED) | ignored),
    "continuation": (f.continuation(1, request_block()), connection_error(f.PROTOCOL_ERROR)),
    # These may have been on their way when the stream was closed.
    "window-update": (window_update(1, 1), ignored),
    "rst-stream": (rst_stream(1), ignored),
    "priority": (priority(1), ignored),
}
for name, (frames, outcome) in COMPLETE.items():
    @rfc9113.case("5.1", f"complete-stream-gets-{name}", outcome)
    def _(peer, frames=frames):
        peer.call()
        peer.expect_answer()
        peer.send(frames)


# 5.1: closed, by the client's RST_STREAM. Nothing may follow but PRIORITY.

RESET = {
    "data": (data(1, b"x"), closed_stream_error | stream_error(f.STREAM_CLOSED) | ignored),
    "headers": (headers(1, request_block(), f.END_HEADERS | f.END_STREAM),
                closed_stream_error | stream_error(f.STREAM_CLOSED) | ignored),
    "continuation": (f.continuation(1, request_block()), connection_error(f.PROTOCOL_ERROR)),
    "window-update": (window_update(1, 1), closed_stream_error | ignored),
    "rst-stream": (rst_stream(1), closed_stream_error | ignored),
    "priority": (priority(1), ignored),
}
for name, (frames, outcome) in RESET.items():
    @rfc9113.case("5.1", f"stream-reset-by-the-client-gets-{name}", outcome)
    def _(peer, frames=frames):
        peer.open()
        peer.send(rst_stream(1), frames)


# 5.1: closed, by the daemon's RST_STREAM, which the client may not have seen: anything may
# follow, and is to be discarded.

@rfc9113.case("5.1", "stream-reset-by-the-daemon-gets-all-that-was-on-its-way", ignored, stream=3)
def _(peer):
    peer.open(1, ("X-Capital", "1"))
    assert peer.finish(1).reset == f.PROTOCOL_ERROR
    peer.send(data(1, GET_VPS), window_update(1, 1), priority(1),
              headers(1, block([("x", "y")]), f.END_HEADERS | f.END_STREAM), rst_stream(1))


@rfc9113.case("5.1", "stream-reset-by-the-daemon-gets-trailers-that-are-decoded", answered,
              stream=3)
def _(peer):
    peer.open(1, ("X-Capital", "1"))
    assert peer.finish(1).reset == f.PROTOCOL_ERROR
    peer.send(headers(1, inserted("te", "trailers"), f.END_HEADERS | f.END_STREAM))
    peer.send(headers(3, block(request(te=None)) + indexed(62)), data(3, GET_VPS, f.END_STREAM))


@rfc9113.case("5.1", "stream-reset-by-the-daemon-gives-the-connections-window-back", answered,
              stream=3)
def _(peer):
    peer.open(1, ("X-Capital", "1"))
    assert peer.finish(1).reset == f.PROTOCOL_ERROR
    # The connection's window, three times, as far as the daemon opens it.
    window = f.FIRST_WINDOW + updates(peer)
    left = 3 * window
    while left > 0:
        sent = 0
        while sent < min(window, left):
            size = min(f.MAX_FRAME_BYTES, window - sent, left - sent)
            peer.send(data(1, bytes(size)))
            sent += size
        left -= sent
        before = updates(peer)
        window -= sent
        if left > 0:
            peer.read_until(lambda before=before: updates(peer) > before)
            window += updates(peer) - before
    peer.call(3)


def updates(peer):
    """What WINDOW_UPDATEs have added to the connection's window."""
    return sum(int.from_bytes(one.payload, "big") for one in peer.of_kind(f.WINDOW_UPDATE, 0))


# 5.1.1: identifiers.

STREAM_IDENTIFIERS = {
    "headers-on-an-even-stream": headers(2, request_block()),
    "headers-on-stream-0": headers(0, request_block()),
}
for name, frames in STREAM_IDENTIFIERS.items():
    rfc9113.sends("5.1.1", name, frames, connection_error(f.PROTOCOL_ERROR))


# nghttp2 takes them for the rest of streams that were closed, of which it keeps no memory.
ignores_lower_streams = pytest.mark.xfail(
    strict=True, reason="nghttp2 1.52 ignores HEADERS on a lower stream that was skipped")


@rfc9113.case("5.1.1", "stream-below-an-open-one", closed_stream_error,
              marks=ignores_lower_streams)
def _(peer):
    peer.open(5)
    peer.call(3)


@rfc9113.case("5.1.1", "stream-below-a-closed-one", closed_stream_error,
              marks=ignores_lower_streams)
def _(peer):
    peer.call(5)
    peer.expect_answer(5)
    peer.call(3)


@rfc9113.case("5.1.1", "stream-that-was-skipped-is-closed", closed_stream_error | ignored)
def _(peer):
    peer.call(5)
    peer.expect_answer(5)
    peer.send(data(3, b"x"))


@rfc9113.case("5.1.1", "streams-may-be-skipped", answered, stream=999)
def _(peer):
    peer.call(7)
    peer.expect_answer(7)
    peer.call(999)


@rfc9113.case("5.1.1", "priority-does-not-use-a-stream-up", answered)
def _(peer):
    peer.send(priority(99))
    peer.call(1)


def test_the_last_stream_can_be_used(port):
    with Peer(port) as peer:
        peer.call(f.MAX_WINDOW)
        peer.expect_answer(f.MAX_WINDOW)
        # None is left; the connection goes on without.
        peer.send(ping())
        peer.read_until(lambda: peer.pings_answered)


# 5.1.2: how many.

too_many_streams = stream_error(f.REFUSED_STREAM, f.PROTOCOL_ERROR)


@rfc9113.case("5.1.2", "one-stream-too-many", too_many_streams, stream=2 * MAX_STREAMS + 1)
def _(peer):
    assert peer.frames[0].entries[f.MAX_CONCURRENT_STREAMS] == MAX_STREAMS
    for number in range(MAX_STREAMS + 1):
        peer.open(2 * number + 1)
    peer.finish(2 * MAX_STREAMS + 1)
    # The others go on, and make room.
    for number in range(MAX_STREAMS):
        peer.send(data(2 * number + 1, GET_VPS, f.END_STREAM))
        peer.expect_answer(2 * number + 1)


@rfc9113.case("5.1.2", "field-block-of-a-stream-too-many-is-decoded", answered, stream=2**19 + 1)
def _(peer):
    last = 2 * MAX_STREAMS + 1
    for stream in range(1, last, 2):
        peer.open(stream)
    peer.send(headers(last, block(request(te=None)) + inserted("te", "trailers")))
    assert peer.finish(last).reset in (f.REFUSED_STREAM, f.PROTOCOL_ERROR)
    peer.send(rst_stream(1), headers(2**19 + 1, block(request(te=None)) + indexed(62)),
              data(2**19 + 1, GET_VPS, f.END_STREAM))


@rfc9113.case("5.1.2", "streams-half-closed-count", too_many_streams, stream=2 * MAX_STREAMS + 1,
              **NO_WINDOW)
def _(peer):
    for number in range(MAX_STREAMS + 1):
        peer.call(2 * number + 1)
    peer.finish(2 * MAX_STREAMS + 1)
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    for number in range(MAX_STREAMS):
        peer.expect_answer(2 * number + 1)


@rfc9113.case("5.1.2", "closed-and-reset-streams-do-not-count", answered, stream=1001)
def _(peer):
    for stream in range(1, 1001, 2):
        if stream % 4 == 1:
            peer.call(stream)
            peer.expect_answer(stream)
        else:
            peer.open(stream)
            peer.send(rst_stream(stream))
    peer.call(1001)


@rfc9113.case("5.1.2", "streams-named-by-priority-do-not-count", answered, stream=1001)
def _(peer):
    peer.send(*(priority(stream) for stream in range(1, 1001, 2)))
    peer.call(1001)


# 5.3: priorities, whose signals are to be ignored; RFC 7540, 5.3.1, which is superseded, makes a
# stream error of one that depends on itself, and any stream error may end the connection.

may_ignore_priority = stream_error(f.PROTOCOL_ERROR) | connection_error(f.PROTOCOL_ERROR)
rfc9113.sends("5.3", "priority-of-a-stream-on-itself", priority(1, depends_on=1),
              may_ignore_priority | ignored)


@rfc9113.case("5.3", "headers-with-a-priority-on-itself", may_ignore_priority | answered)
def _(peer):
    peer.send(
        headers(1, f.priority_fields(depends_on=1) + request_block(),
                f.END_HEADERS | f.HAS_PRIORITY), data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("5.3", "priorities-of-open-streams-that-form-a-ring", answered, stream=5)
def _(peer):
    for stream in (1, 3, 5):
        peer.open(stream)
    peer.send(priority(1, depends_on=3, exclusive=True), priority(3, depends_on=5, weight=255),
              priority(5, depends_on=1, exclusive=True, weight=0), priority(7, depends_on=9))
    for stream in (1, 3, 5):
        peer.send(data(stream, GET_VPS, f.END_STREAM))
        peer.expect_answer(stream)


# 5.4: errors.

@rfc9113.case("5.4.1", "goaway-names-the-last-stream")
def _(peer):
    peer.call(1)
    peer.expect_answer(1)
    peer.open(3)
    peer.send(data(0, b"x"))
    peer.read_to_end()
    assert peer.goaway.last_stream == 3
    assert peer.frames[-1] == peer.goaway


@rfc9113.case("5.4.1", "connection-error-closes-streams-that-wait", connection_error(
    f.PROTOCOL_ERROR), **NO_WINDOW)
def _(peer):
    wait_in_half_closed(peer)
    peer.send(data(0, b"x"))


@rfc9113.case("5.4.2", "rst-stream-is-not-answered-by-another", ignored)
def _(peer):
    peer.open()
    peer.send(rst_stream(1, f.PROTOCOL_ERROR), rst_stream(1, f.STREAM_CLOSED))


@rfc9113.case("5.4.2", "stream-error-leaves-the-streams-beside-it", answered, stream=3)
def _(peer):
    peer.open(3)
    peer.open(5, ("X-Capital", "1"))
    assert peer.finish(5).reset == f.PROTOCOL_ERROR
    peer.send(data(3, GET_VPS, f.END_STREAM))


@rfc9113.case("5.4.3", "tcp-connection-closed-within-a-frame")
def _(peer):
    peer.open()
    peer.send(frame(f.DATA, 0, 1, b"x", length=100))
    peer.end_output()
    peer.read_to_end()


# 7: error codes that nobody knows.

@pytest.mark.parametrize("code", [0xE, 0xFFFF_FFFF])
def test_an_unknown_error_code_has_no_meaning(port, code):
    with Peer(port) as peer:
        peer.open(1)
        peer.open(3)
        peer.send(rst_stream(1, code), f.goaway(code), data(3, GET_VPS, f.END_STREAM))
        peer.expect_answer(3)
        assert peer.reply(1).resets == 0
