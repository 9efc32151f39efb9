"""A gRPC client made of the h2 package, that can also say what no gRPC client would."""

import socket
import struct
import time
import urllib.parse

import h2.config
import h2.connection
import h2.events
from h2.settings import SettingCodes
from packd_testing.tokens import make_token

TIMEOUT_SECONDS = 5
GET_PLAN = "/packd.v1.CatalogueService/GetPlan"


def message(payload, compressed=0, length=None):
    """A length-prefixed message; `length` lies about its length."""
    return struct.pack(">BI", compressed, len(payload) if length is None else length) + payload


# GetPlanRequest{code: "vps"}
GET_VPS = message(b"\x12\x03vps")


class Reply:
    """What came back on a stream, so far."""

    def __init__(self):
        self.headers = None
        self.data = b""
        self.trailers = None
        # Error code of RST_STREAM.
        self.reset = None
        # Error code of a GOAWAY that is no mere drain, and whether the connection is closed.
        self.goaway = None
        self.closed = False
        # Whether the stream ended as it should.
        self.complete = False

    @property
    def was_cut(self):
        """Whether the stream or the connection ended before the reply was complete."""
        return self.reset is not None or not self.complete and (
            self.closed or self.goaway is not None)

    @property
    def ended(self):
        return self.complete or self.was_cut

    @property
    def http_status(self):
        return self.headers and int(self.headers[":status"])

    @property
    def is_trailers_only(self):
        return self.headers is not None and "grpc-status" in self.headers

    @property
    def last_headers(self):
        return self.trailers if self.trailers is not None else self.headers or {}

    @property
    def grpc_status(self):
        status = self.last_headers.get("grpc-status")
        return None if status is None else int(status)

    @property
    def grpc_message(self):
        return urllib.parse.unquote(self.last_headers.get("grpc-message", ""))

    def __repr__(self):
        return f"Reply({vars(self)})"


class Connection:
    """One HTTP/2 connection in plain text. `window` is what it grants each response at first,
    SETTINGS_INITIAL_WINDOW_SIZE."""

    def __init__(self, port, preface=True, window=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self.replies = {}
        # What has come of a frame, and how many GOAWAYs without an error.
        self.pending = b""
        self.drains = 0
        if preface:
            self.h2.initiate_connection()
            if window is not None:
                # The preface has h2's own value, whatever its settings are told.
                self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
            self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Sends bytes as they are; whether they arrive is not this side's concern."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def send_no_more(self):
        """Ends this side of the connection, if the other has not ended it all."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def flush(self):
        return self.send(self.h2.data_to_send())

    def headers(self, path=GET_PLAN, extra=(), **changes):
        """Headers of a good call, changed: a value of None leaves the field out. In names _
        stands for -, and a leading _ for the colon of a pseudo-header."""
        fields = {
            ":method": "POST", ":scheme": "http", ":path": path, ":authority": "127.0.0.1",
            "te": "trailers", "content-type": "application/grpc",
            "authorization": f"Bearer {make_token()}",
        }
        for name, value in changes.items():
            name = (":" + name[1:] if name.startswith("_") else name).replace("_", "-")
            fields[name] = value
        present = [(name, value) for name, value in fields.items() if value is not None]
        return present + list(extra)

    def start(self, end_stream=False, **headers):
        """Opens a stream; returns its id."""
        stream = self.h2.get_next_available_stream_id()
        self.replies[stream] = Reply()
        self.h2.send_headers(stream, self.headers(**headers), end_stream=end_stream)
        self.flush()
        return stream

    def start_raw(self, frames):
        """Opens a stream by frames of the caller's making; returns its id."""
        stream = self.h2.get_next_available_stream_id()
        self.replies[stream] = Reply()
        # What h2 would send is dropped: it only has to know that the stream is open.
        self.h2.send_headers(stream, self.headers())
        self.h2.data_to_send()
        self.send(frames(stream))
        return stream

    def send_body(self, stream, body, end_stream=True):
        """Sends a body as flow control lets it through, until the stream has ended."""
        while not self.replies[stream].ended:
            room = min(
                len(body), self.h2.local_flow_control_window(stream),
                self.h2.max_outbound_frame_size)
            if body and not room:
                self.pump()
                continue
            last = room == len(body)
            self.h2.send_data(stream, body[:room], end_stream=end_stream and last)
            body = body[room:]
            if not self.flush() or last:
                return

    def call(self, body=GET_VPS, **headers):
        """A whole call: its reply."""
        stream = self.start(end_stream=body is None, **headers)
        if body is not None:
            self.send_body(stream, body)
        return self.receive(stream)

    def receive(self, stream):
        """Reads until the stream has ended or the connection has; never for longer than the
        time-out, which is a failure."""
        reply = self.replies[stream]
        until = time.monotonic() + TIMEOUT_SECONDS
        while not reply.ended:
            assert time.monotonic() < until, f"no end within {TIMEOUT_SECONDS} s: {reply}"
            self.pump()
        return reply

    def pump(self):
        """Reads once, and notes what came."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        except TimeoutError:
            raise AssertionError(f"nothing for {TIMEOUT_SECONDS} s: {self.replies}") from None
        for event in self.h2.receive_data(self.without_drains(data)) if data else ():
            self.note(event)
        if not data:
            for reply in self.replies.values():
                reply.closed = True
        self.flush()

    def without_drains(self, data):
        """The whole frames that have come, but those GOAWAYs that announce an end in good order:
        to h2 each is the end of the connection, while RFC 9113, 6.8, lets open streams go on."""
        self.pending += data
        frames = b""
        while len(self.pending) >= 9:
            end = 9 + int.from_bytes(self.pending[:3], "big")
            if len(self.pending) < end:
                break
            frame, self.pending = self.pending[:end], self.pending[end:]
            if frame[3] == 7 and frame[13:17] == bytes(4):
                self.drains += 1
            else:
                frames += frame
        return frames

    def note(self, event):
        if isinstance(event, h2.events.ConnectionTerminated) and event.error_code:
            for reply in self.replies.values():
                reply.goaway = int(event.error_code)
        reply = self.replies.get(getattr(event, "stream_id", None))
        if reply is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            reply.headers = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            reply.data += event.data
            if event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            reply.trailers = dict(event.headers)
        elif isinstance(event, h2.events.StreamReset):
            # NO_ERROR after a complete reply only says: send no more (RFC 9113, 8.1).
            if not (reply.complete and event.error_code == 0):
                reply.reset = int(event.error_code)
        elif isinstance(event, h2.events.StreamEnded):
            reply.complete = True

    def read_until_closed(self):
        """All bytes until the peer closes the connection; it must do so in time."""
        data = b""
        until = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < until:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionError:
                return data
            except TimeoutError:
                break
            if not chunk:
                return data
            data += chunk
        raise AssertionError(f"the connection is still open after {TIMEOUT_SECONDS} s")


def is_open(client):
    """Whether the daemon has left this connection open; reads what there is."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        client.setblocking(True)


def wait_until_closed(clients, seconds):
    until = time.monotonic() + seconds
    left = list(clients)
    while left:
        left = [client for client in left if is_open(client)]
        assert time.monotonic() < until, f"{len(left)} of {len(clients)} are still open"
        time.sleep(0.02)
