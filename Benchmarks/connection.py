"""An HTTP/2 connection that is held open, in as few lines as it takes."""
import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
MAX_WINDOW_BYTES = 2**31 - 1
TIMEOUT_SECONDS = 30


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">IBI", len(payload) << 8 | kind, flags, stream) + payload


def frames(data):
    """The whole frames at the start of `data`, and what is left of it."""
    found, start = [], 0
    while len(data) - start >= 9:
        head, flags, stream = struct.unpack_from(">IBI", data, start)
        end = start + 9 + (head >> 8)
        if end > len(data):
            break
        found.append((head & 0xFF, flags, stream))
        start = end
    return found, data[start:]


class Connection:
    """A connection whose HTTP/2 handshake is done."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        window = struct.pack(">I", MAX_WINDOW_BYTES - 65_535)
        self.socket.sendall(
            PREFACE + frame(SETTINGS, 0, 0) + frame(WINDOW_UPDATE, 0, 0, window))
        self.rest = b""
        self.expect(SETTINGS, 0)
        self.socket.sendall(frame(SETTINGS, ACK, 0))
        self.next_stream = 1

    def call(self, block, message):
        """The frames of one call, and its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        prefixed = b"\0" + struct.pack(">I", len(message)) + message
        return stream, (frame(HEADERS, END_HEADERS, stream, block)
                        + frame(DATA, END_STREAM, stream, prefixed))

    def receive(self):
        """The frames that have come, without their payloads."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise SystemExit("the server has closed a connection")
        found, self.rest = frames(self.rest + data)
        for kind, _, stream in found:
            if kind in (RST_STREAM, GOAWAY):
                raise SystemExit(f"the server has refused stream {stream}: frame type {kind}")
        return found

    def expect(self, kind, flags):
        while (kind, flags) not in [(k, f) for k, f, _ in self.receive()]:
            pass

    def ping(self):
        self.socket.sendall(frame(PING, 0, 0, bytes(8)))
        self.expect(PING, ACK)


def ends_stream(kind, flags):
    return kind in (DATA, HEADERS) and flags & END_STREAM
