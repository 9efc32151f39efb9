"""RFC 9113, 5.2 and 6.9: flow control."""

import struct

import frames as f
import pytest
from blocks import GET_VPS, LIST_PLANS, request_block
from frames import data, frame, headers, message, padded, rst_stream, settings, window_update
from packd_testing.plans import make_plan
from peer import Peer
from requirements import Requirements, answered, connection_error, ignored, stream_error

rfc9113 = Requirements("RFC 9113")

# The cases learn by PING what has come; gRPC's own bound on PINGs is not their concern.
DAEMON_OPTIONS = ["--keepalive-min-ping-interval-seconds", "0"]
# ListPlansRequest{page_size: 1000}
LONG_PAGE = message(b"\x08\xe8\x07")
NO_WINDOW = {"entries": [(f.INITIAL_WINDOW_SIZE, 0)]}
# A flow control error of a stream may end the connection (5.4.1).
stream_flow_error = stream_error(f.FLOW_CONTROL_ERROR) | connection_error(f.FLOW_CONTROL_ERROR)
stream_protocol_error = stream_error(f.PROTOCOL_ERROR) | connection_error(f.PROTOCOL_ERROR)


@rfc9113.parametrize
def test_requirement(requirement, port):
    requirement.run(port)


# 6.9: increments.

rfc9113.sends("6.9", "increment-of-0-on-connection", window_update(0, 0),
              connection_error(f.PROTOCOL_ERROR))


@rfc9113.case("6.9", "increment-of-0-on-stream", stream_protocol_error)
def _(peer):
    peer.open()
    peer.send(window_update(1, 0))


@rfc9113.case("6.9", "increment-of-0-with-the-reserved-bit", stream_protocol_error)
def _(peer):
    peer.open()
    peer.send(window_update(1, 1 << 31))


@rfc9113.case("6.9", "reserved-bit-of-the-increment", **NO_WINDOW)
def _(peer):
    peer.call()
    peer.send(window_update(1, 1 << 31 | 10))
    peer.read_until(lambda: peer.reply(1).data)
    assert len(peer.reply(1).data) == 10
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer()


@rfc9113.case("6.9", "window-update-on-a-stream-that-was-reset", ignored)
def _(peer):
    peer.open(1, ("X-Capital", "1"))
    peer.finish(1)
    peer.send(window_update(1, f.MAX_WINDOW), window_update(1, f.MAX_WINDOW))
    # The reset before is no part of the outcome.
    peer.replies.pop(1)


# 6.9.1: the window is kept to.

@rfc9113.case("6.9.1", "stream-without-window-gets-no-data", **NO_WINDOW)
def _(peer):
    peer.call(1)
    peer.read_until(lambda: peer.reply(1).headers)
    quiet(peer)
    assert peer.reply(1).data == b""
    # A window for one byte at a time is kept to as well.
    for count in range(1, 8):
        peer.send(window_update(1, 1))
        peer.read_until(lambda count=count: len(peer.reply(1).data) == count)
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer()


@rfc9113.case("6.9.1", "stream-without-window-leaves-the-others-alone", **NO_WINDOW)
def _(peer):
    for stream in (1, 3):
        peer.call(stream)
    peer.send(window_update(3, f.FIRST_WINDOW))
    peer.expect_answer(3)
    assert peer.reply(1).data == b""
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer(1)


@rfc9113.case("6.9", "headers-and-responses-without-data-need-no-window", **NO_WINDOW)
def _(peer):
    peer.send(headers(1, request_block(path="/none"), f.END_HEADERS | f.END_STREAM))
    assert peer.finish(1).grpc_status == 12
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))


@pytest.fixture(scope="module")
def long_page(admin):
    """More plans than the first window of a connection takes."""
    for number in range(6):
        admin.CreatePlan(plan=make_plan(
            f"Long {number}", description="d" * 2000,
            features=[f"{index} ".ljust(200, "f") for index in range(64)]))


def ask_for_long_page(peer, stream=1):
    peer.send(headers(stream, request_block(path=LIST_PLANS)),
              data(stream, LONG_PAGE, f.END_STREAM))


def quiet(peer):
    """Waits until all has come that the windows let through: the answer to a PING goes before
    what else there is to send, and the answer to the next one after that."""
    for payload in (b"quiet..1", b"quiet..2"):
        before = len(peer.pings_answered)
        peer.send(f.ping(payload))
        peer.read_until(lambda before=before: len(peer.pings_answered) > before)


def test_the_windows_of_stream_and_connection_are_kept_to(long_page, port):
    # RFC 9113, 6.9.1: the lesser of both counts.
    with Peer(port, entries=[(f.INITIAL_WINDOW_SIZE, 2**20)]) as peer:
        ask_for_long_page(peer)
        peer.read_until(lambda: len(peer.reply(1).data) == f.FIRST_WINDOW)
        quiet(peer)
        assert len(peer.reply(1).data) == f.FIRST_WINDOW
        # More for the stream does not help, more for the connection does.
        peer.send(window_update(1, 2**20))
        quiet(peer)
        assert len(peer.reply(1).data) == f.FIRST_WINDOW
        peer.send(window_update(0, 100))
        peer.read_until(lambda: len(peer.reply(1).data) == f.FIRST_WINDOW + 100)
        peer.send(window_update(0, 2**20))
        peer.expect_answer()


def test_the_connections_window_is_not_changed_by_settings(long_page, port):
    # RFC 9113, 6.9.2.
    with Peer(port) as peer:
        peer.send(settings((f.INITIAL_WINDOW_SIZE, f.MAX_WINDOW)))
        ask_for_long_page(peer)
        peer.read_until(lambda: len(peer.reply(1).data) == f.FIRST_WINDOW)
        quiet(peer)
        assert len(peer.reply(1).data) == f.FIRST_WINDOW
        # What a reset leaves unsent does not count.
        peer.send(rst_stream(1), window_update(0, 2**20))
        ask_for_long_page(peer, 3)
        peer.expect_answer(3)


def test_a_connections_window_that_is_used_up_stops_every_stream(long_page, port):
    # RFC 9113, 5.2.1 and 6.9.1.
    with Peer(port, entries=[(f.INITIAL_WINDOW_SIZE, f.MAX_WINDOW)]) as peer:
        ask_for_long_page(peer, 1)
        peer.read_until(lambda: len(peer.reply(1).data) == f.FIRST_WINDOW)
        peer.call(3)
        peer.read_until(lambda: peer.reply(3).headers)
        quiet(peer)
        assert peer.reply(3).data == b""
        peer.send(window_update(0, 2**20))
        peer.expect_answer(1)
        peer.expect_answer(3)


@pytest.mark.parametrize("size", [2**14, 2**14 + 1, 2**16, 2**24 - 1])
def test_frames_keep_to_the_peers_size(long_page, port, size):
    # RFC 9113, 4.2 and 6.5.2, SETTINGS_MAX_FRAME_SIZE; the peer checks each frame.
    with Peer(port, entries=[(f.MAX_FRAME_SIZE, size), (f.INITIAL_WINDOW_SIZE, 2**20)]) as peer:
        peer.max_frame_bytes = size
        peer.send(window_update(0, 2**20))
        ask_for_long_page(peer)
        assert len(peer.expect_answer().data) > f.FIRST_WINDOW


# 6.9.1: windows beyond their bound.

rfc9113.sends("6.9.1", "connection-window-beyond-2^31-1", window_update(0, f.MAX_WINDOW),
              connection_error(f.FLOW_CONTROL_ERROR))
rfc9113.sends(
    "6.9.1", "connection-window-beyond-2^31-1-by-one",
    window_update(0, f.MAX_WINDOW - f.FIRST_WINDOW) + window_update(0, 1),
    connection_error(f.FLOW_CONTROL_ERROR))
rfc9113.sends("6.9.1", "connection-window-of-2^31-1",
              window_update(0, f.MAX_WINDOW - f.FIRST_WINDOW), ignored)


@rfc9113.case("6.9.1", "stream-window-beyond-2^31-1", stream_flow_error)
def _(peer):
    peer.open()
    peer.send(window_update(1, f.MAX_WINDOW))


@rfc9113.case("6.9.1", "stream-window-beyond-2^31-1-by-one", stream_flow_error)
def _(peer):
    peer.open()
    peer.send(window_update(1, f.MAX_WINDOW - f.FIRST_WINDOW), window_update(1, 1))


@rfc9113.case("6.9.1", "stream-window-of-2^31-1", answered)
def _(peer):
    peer.open()
    peer.send(window_update(1, f.MAX_WINDOW - f.FIRST_WINDOW), data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("6.9.1", "stream-window-beyond-2^31-1-while-half-closed", stream_flow_error,
              **NO_WINDOW)
def _(peer):
    peer.call()
    peer.read_until(lambda: peer.reply(1).headers)
    peer.send(window_update(1, f.MAX_WINDOW // 2), window_update(1, f.MAX_WINDOW),
              settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))


# 6.9.1: what is padded counts whole, and is given back.

@rfc9113.case("6.9.1", "padding-is-given-back", answered)
def _(peer):
    # 6 MB of padding, more than the windows of stream and connection, around a message of which
    # each frame has a little: its field 15, which nobody knows, is as long as it takes.
    frames, piece, padding = 24_000, 8, bytes(247)
    unknown = frames * piece - len(GET_VPS) - 4
    size = bytes([unknown & 0x7F | 0x80, unknown >> 7 & 0x7F | 0x80, unknown >> 14])
    whole = message(GET_VPS[5:] + b"\x7a" + size + bytes(unknown))
    assert len(whole) == frames * piece
    peer.open()
    windows = {0: f.FIRST_WINDOW, 1: peer.frames[0].entries[f.INITIAL_WINDOW_SIZE]}
    for number in range(frames):
        needed = 256 * (number + 1)
        for stream, first in windows.items():
            peer.read_until(lambda: first + granted(peer, stream) >= needed)
        pieces = whole[piece * number:piece * (number + 1)]
        peer.send(padded(f.DATA, 0, 1, pieces, padding))
    peer.send(data(1, b"", f.END_STREAM))


def granted(peer, stream):
    """What WINDOW_UPDATEs have added to a window of the daemon's."""
    return sum(
        int.from_bytes(one.payload, "big") for one in peer.of_kind(f.WINDOW_UPDATE, stream))


# 6.9.2: SETTINGS change the windows of open streams.

@rfc9113.case("6.9.2", "initial-window-raised-for-streams-that-are-open", **NO_WINDOW)
def _(peer):
    peer.call()
    peer.read_until(lambda: peer.reply(1).headers)
    peer.send(settings((f.INITIAL_WINDOW_SIZE, 7)))
    peer.read_until(lambda: peer.reply(1).data)
    assert len(peer.reply(1).data) == 7
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer()


@rfc9113.case("6.9.2", "window-that-has-become-negative", entries=[(f.INITIAL_WINDOW_SIZE, 30)])
def _(peer):
    peer.call()
    peer.read_until(lambda: len(peer.reply(1).data) == 30)
    # The window is -20 after this, then 0, then 1.
    peer.send(settings((f.INITIAL_WINDOW_SIZE, 10)), window_update(1, 20))
    quiet(peer)
    assert len(peer.reply(1).data) == 30
    peer.send(window_update(1, 1))
    peer.read_until(lambda: len(peer.reply(1).data) > 30)
    assert len(peer.reply(1).data) == 31
    peer.send(settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))
    peer.expect_answer()


@rfc9113.case("6.9.2", "initial-window-that-takes-an-open-stream-beyond-2^31-1",
              connection_error(f.FLOW_CONTROL_ERROR), **NO_WINDOW, marks=pytest.mark.xfail(
                  strict=True, reason="nghttp2 1.52 resets the stream alone"))
def _(peer):
    peer.call()
    peer.read_until(lambda: peer.reply(1).headers)
    peer.open(3)
    peer.send(window_update(3, f.MAX_WINDOW), settings((f.INITIAL_WINDOW_SIZE, 1)))


def test_every_entry_of_a_settings_frame_is_applied_before_the_next_data(port):
    # RFC 9113, 6.5.3: in the order in which they appear, with no other processing between.
    with Peer(port) as peer:
        entries = struct.pack(">HIHI", f.INITIAL_WINDOW_SIZE, 1000, f.INITIAL_WINDOW_SIZE, 0)
        peer.send(frame(f.SETTINGS, 0, 0, entries))
        peer.call()
        peer.read_until(lambda: peer.reply(1).headers)
        quiet(peer)
        assert peer.reply(1).data == b""
