"""Callers that speak just enough HTTP/2 to keep a server busy: every call its own message.

h2load sends one message over and over; official clients cost more CPU than packd does. Here all
frames but the message are made once, header blocks hold literals only (RFC 7541 section 6.2.2),
and of the answers only frame headers are looked at: an error of a call has no DATA frame.
"""
import selectors
import socket
import struct
import time

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


def literal(text):
    """A string literal without Huffman coding; lengths up to 127 + 2^14."""
    data = text.encode()
    if len(data) < 127:
        return bytes([len(data)]) + data
    rest = len(data) - 127
    size = bytes([rest]) if rest < 128 else bytes([rest & 127 | 128, rest >> 7])
    return b"\x7f" + size + data


def header_block(path, bearer):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "packd"),
              ("content-type", "application/grpc"), ("te", "trailers"), ("authorization", bearer)]
    return b"".join(b"\0" + literal(name) + literal(value) for name, value in fields)


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

    def call(self, block, message):
        """The frames of one call, and its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        prefixed = b"\0" + struct.pack(">I", len(message)) + message
        return stream, (frame(HEADERS, END_HEADERS, stream, block)
                        + frame(DATA, END_STREAM, stream, prefixed))


def run(port, path, bearer, messages, connections, streams):
    """Calls `path` once with each message, `connections` x `streams` calls at a time.

    Returns the seconds of all, and those of each call.
    """
    messages = iter(messages)
    return run_each(port, path, [(bearer, messages)] * connections, streams)


def run_each(port, path, callers, streams=1):
    """The same for callers with tokens and messages of their own, a connection each."""
    selector = selectors.DefaultSelector()
    started, answered, times = {}, set(), []

    def start(connection, block, messages, count):
        out = []
        for message in (m for _, m in zip(range(count), messages)):
            stream, data = connection.call(block, message)
            started[connection, stream] = time.perf_counter()
            out.append(data)
        if out:
            connection.socket.sendall(b"".join(out))

    began = time.perf_counter()
    for bearer, messages in callers:
        caller = Connection(port), header_block(path, bearer), iter(messages)
        selector.register(caller[0].socket, selectors.EVENT_READ, caller)
        start(*caller, streams)
    while started:
        for key, _ in selector.select(TIMEOUT_SECONDS):
            connection, ended = key.data[0], 0
            for kind, flags, stream in connection.receive():
                if kind == DATA:
                    answered.add((connection, stream))
                if kind in (DATA, HEADERS) and flags & END_STREAM:
                    if (connection, stream) not in answered:
                        raise SystemExit(f"{path}: a call was answered with an error")
                    answered.discard((connection, stream))
                    times.append(time.perf_counter() - started.pop((connection, stream)))
                    ended += 1
            start(*key.data, ended)
    seconds = time.perf_counter() - began
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    return seconds, sorted(times)
