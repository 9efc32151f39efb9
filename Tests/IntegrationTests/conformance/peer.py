"""The client's end of a connection: sends what it is told, and notes what comes."""

import socket

from blocks import GET_VPS, request_block
from frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    FRAME_HEADER_BYTES,
    GOAWAY,
    HEADERS,
    MAX_FRAME_BYTES,
    PADDED,
    PING,
    PREFACE,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    Frame,
    data,
    headers,
    settings,
)
from hpack import Decoder

# Only a failure waits for so long.
TIMEOUT_SECONDS = 5
# A stream beyond those that cases use, for the good call that comes after.
LATER_STREAM = 2**20 + 1


class Reply:
    """What came on a stream."""

    def __init__(self):
        self.headers = None
        self.trailers = None
        self.data = b""
        self.is_complete = False
        # Error code of the first RST_STREAM, and how many came.
        self.reset = None
        self.resets = 0

    @property
    def ended(self):
        return self.is_complete or self.reset is not None

    @property
    def http_status(self):
        return self.headers and int(dict(self.headers)[":status"])

    @property
    def grpc_status(self):
        last = dict(self.trailers or self.headers or ())
        return int(last["grpc-status"]) if "grpc-status" in last else None

    def __repr__(self):
        return f"Reply({vars(self)})"


class Peer:
    """A connection over a raw socket. Nothing is sent unasked but, with `greets`, the preface
    with a SETTINGS frame of these entries, and the acknowledgement of the daemon's."""

    def __init__(self, port, greets=True, entries=()):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""
        self.frames = []
        self.replies = {}
        self.decoder = Decoder()
        self.open_block = None
        self.max_frame_bytes = MAX_FRAME_BYTES
        self.is_closed = False
        self.later_stream = LATER_STREAM
        if greets:
            self.greet(entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def greet(self, entries=()):
        self.send(PREFACE, settings(*entries))
        self.read_until(lambda: self.settings_acknowledged == 1)
        self.send(settings(flags=ACK))

    def send(self, *parts):
        """Sends bytes in one write; whether they arrive is for what comes back to tell."""
        try:
            self.socket.sendall(b"".join(parts))
        except OSError:
            pass

    def end_output(self):
        """Half-closes the TCP connection, if the daemon has not ended it all."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    # What comes.

    def of_kind(self, kind, stream=None):
        return [one for one in self.frames
                if one.kind == kind and stream in (None, one.stream)]

    @property
    def settings_acknowledged(self):
        return sum(one.flags & ACK for one in self.of_kind(SETTINGS))

    @property
    def pings_answered(self):
        """Payloads of PING acknowledgements, in their order."""
        return [one.payload for one in self.of_kind(PING) if one.flags & ACK]

    @property
    def goaway(self):
        """The last GOAWAY that tells of an error."""
        return next((one for one in reversed(self.of_kind(GOAWAY)) if one.error_code), None)

    def reply(self, stream):
        return self.replies.setdefault(stream, Reply())

    def read_until(self, condition):
        """Reads frames until the condition holds, which it must do in time, and before the
        daemon closes the connection."""
        while not condition():
            self.read_frame()
            if self.is_closed:
                assert condition(), f"closed too early: {self.frames}"
                return

    def read_to_end(self):
        while not self.is_closed:
            self.read_frame()

    def read_frame(self):
        """Notes the next frame, or that there is none any more."""
        assert not self.is_closed, f"nothing comes any more: {self.frames}"
        needed = FRAME_HEADER_BYTES
        while len(self.pending) < needed or len(self.pending) < (needed := self.frame_bytes()):
            try:
                chunk = self.socket.recv(65_536)
            except ConnectionError:
                chunk = b""
            except TimeoutError:
                raise AssertionError(
                    f"nothing for {TIMEOUT_SECONDS} s after {self.frames}") from None
            if not chunk:
                assert not self.pending, f"closed within a frame: {self.pending}"
                self.is_closed = True
                return
            self.pending += chunk
        head, self.pending = self.pending[:needed], self.pending[needed:]
        stream = int.from_bytes(head[5:9], "big")
        one = Frame(head[3], head[4], stream, head[FRAME_HEADER_BYTES:])
        self.check(one)
        self.frames.append(one)
        self.note(one)

    def frame_bytes(self):
        return FRAME_HEADER_BYTES + int.from_bytes(self.pending[:3], "big")

    def check(self, one):
        """What the daemon owes in every frame that it sends."""
        assert one.stream < 2**31, f"the reserved bit is set (4.1): {one}"
        assert len(one.payload) <= self.max_frame_bytes, f"too long a frame (4.2): {one}"
        assert self.frames or (one.kind, one.flags) == (SETTINGS, 0), (
            f"the first frame is not SETTINGS (3.4): {one}")
        assert one.kind != PUSH_PROMISE, f"a push that nobody wants (8.4): {one}"
        if self.open_block is not None:
            assert one.kind == CONTINUATION, f"a frame within a field block (4.3): {one}"
        on_connection = one.kind in (SETTINGS, PING, GOAWAY)
        on_stream = one.kind in (DATA, HEADERS, RST_STREAM, CONTINUATION)
        assert not (on_connection and one.stream), f"not on stream 0 (6): {one}"
        assert not on_stream or one.stream % 2 == 1, f"not on a client's stream (5.1.1): {one}"
        if one.kind in (DATA, HEADERS):
            assert not self.reply(one.stream).ended, f"after the end of the stream (5.1): {one}"

    def note(self, one):
        if one.kind in (DATA, HEADERS):
            assert not one.flags & PADDED, "packd has no reason to pad"
        if one.kind == DATA:
            self.reply(one.stream).data += one.payload
        elif one.kind == HEADERS:
            self.open_block = b""
            self.block_ends_stream = one.ends_stream
        elif one.kind == RST_STREAM:
            reply = self.reply(one.stream)
            reply.resets += 1
            # NO_ERROR after a whole response only says: send no more (8.1).
            if reply.reset is None and not (reply.is_complete and one.error_code == 0):
                reply.reset = one.error_code
        if one.kind in (HEADERS, CONTINUATION):
            self.open_block += one.payload
            if one.flags & END_HEADERS:
                self.note_block(one.stream)
        elif one.ends_stream:
            self.reply(one.stream).is_complete = True

    def note_block(self, stream):
        fields = self.decoder.decode(self.open_block)
        self.open_block = None
        reply = self.reply(stream)
        for name, _ in fields:
            assert name == name.lower(), f"a name in capital letters (8.2.1): {name}"
        if reply.headers is None:
            assert fields[0][0] == ":status", f"no status at first (8.3.2): {fields}"
            reply.headers = fields
        else:
            assert not any(name.startswith(":") for name, _ in fields), (
                f"pseudo-fields in trailers (8.1): {fields}")
            reply.trailers = fields
        reply.is_complete = self.block_ends_stream

    # What is asked for.

    def open(self, stream=1, *more, flags=END_HEADERS, **changes):
        """Sends a request's header section; its body is to follow."""
        self.send(headers(stream, request_block(*more, **changes), flags))

    def call(self, stream=1, body=GET_VPS):
        """Sends a good call."""
        self.send(headers(stream, request_block()), data(stream, body, END_STREAM))

    def finish(self, stream=1):
        """Waits for the end of a stream, one way or the other."""
        self.read_until(lambda: self.reply(stream).ended)
        return self.reply(stream)

    def expect_answer(self, stream=1):
        reply = self.finish(stream)
        assert reply.is_complete, reply
        assert (reply.http_status, reply.grpc_status) == (200, 0), reply
        return reply

    def call_well(self):
        """A good call on a stream that no case uses; false when the connection ends instead."""
        stream = self.later_stream
        self.later_stream += 2
        self.call(stream)
        while not self.reply(stream).ended and not self.is_closed:
            self.read_frame()
        if self.is_closed:
            return False
        self.expect_answer(stream)
        return True
