"""RFC 9113, 8: what a request has to be."""

import frames as f
import pytest
from blocks import GET_VPS, block, literal, request, request_block
from frames import continuation, data, headers, padded, rst_stream, window_update
from peer import Peer
from requirements import Requirements, answered, answered_with, connection_error, stream_error

rfc9113 = Requirements("RFC 9113")

# 8.1.1: a malformed request is a stream error of this code.
malformed = stream_error(f.PROTOCOL_ERROR)
ALL = f.END_HEADERS | f.END_STREAM


@rfc9113.parametrize
def test_requirement(requirement, port):
    requirement.run(port)


def call(section, name, outcome, *more, body=GET_VPS, **changes):
    """A case that makes a call with these fields."""
    @rfc9113.case(section, name, outcome)
    def _(peer):
        peer.send(headers(1, request_block(*more, **changes)), data(1, body, f.END_STREAM))


# 8.1: the frames of a request.

@rfc9113.case("8.1", "response-is-headers-data-and-trailers")
def _(peer):
    peer.call()
    reply = peer.expect_answer()
    assert [one.kind for one in peer.frames if one.stream == 1] == [f.HEADERS, f.DATA, f.HEADERS]
    assert [one.ends_stream for one in peer.frames if one.stream == 1] == [False, False, True]
    assert reply.headers[0] == (":status", "200")


@rfc9113.case("8.1", "trailers", answered)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, literal("x", "y") + literal("x-bin", "AA"), ALL))


@rfc9113.case("8.1", "trailers-without-fields", answered)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, b"", ALL))


@rfc9113.case("8.1", "trailers-in-continuations", answered)
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, b"", f.END_STREAM),
              continuation(1, literal("x", "y"), 0), continuation(1))


BAD_TRAILERS = {
    "trailers-without-end-stream": (literal("x", "y"), f.END_HEADERS),
    "second-request-instead-of-trailers": (request_block(), f.END_HEADERS),
    "trailers-with-a-pseudo-field": (literal(":path", "/"), ALL),
    "trailers-with-status": (literal(":status", "200"), ALL),
    "trailers-with-a-pseudo-field-at-last": (literal("x", "y") + literal(":path", "/"), ALL),
    "trailers-with-a-capital-letter": (literal("X", "y"), ALL),
    "trailers-with-connection": (literal("connection", "close"), ALL),
    "trailers-with-transfer-encoding": (literal("transfer-encoding", "chunked"), ALL),
    "trailers-with-a-line-break": (literal("x", "a\nb"), ALL),
}
for name, (fields, flags) in BAD_TRAILERS.items():
    @rfc9113.case("8.1", name, malformed)
    def _(peer, fields=fields, flags=flags):
        # The message is not whole, so that no answer can come first.
        peer.open()
        peer.send(data(1, GET_VPS[:-1]), headers(1, fields, flags))


@rfc9113.case("8.1", "data-after-trailers",
              stream_error(f.STREAM_CLOSED) | connection_error(f.STREAM_CLOSED),
              entries=[(f.INITIAL_WINDOW_SIZE, 0)])
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), headers(1, b"", ALL))
    peer.read_until(lambda: peer.reply(1).headers)
    peer.send(data(1, b"x"), f.settings((f.INITIAL_WINDOW_SIZE, f.FIRST_WINDOW)))


def test_a_response_before_the_end_of_its_request_is_followed_by_no_error(port):
    # 8.1: RST_STREAM with NO_ERROR asks the client to send no more.
    with Peer(port) as peer:
        peer.open(1, content_type="text/plain")
        peer.read_until(lambda: peer.reply(1).resets)
        assert (peer.reply(1).http_status, peer.reply(1).is_complete) == (415, True)
        assert [one.error_code for one in peer.of_kind(f.RST_STREAM)] == [f.NO_ERROR]
        # What the client had sent until then is discarded.
        peer.send(data(1, b"x" * 100), window_update(1, 1), data(1, b"", f.END_STREAM))
        assert peer.call_well()


@rfc9113.case("8.1", "request-that-is-never-finished-and-reset")
def _(peer):
    peer.open()
    peer.send(data(1, GET_VPS), rst_stream(1, f.CANCEL))
    assert peer.call_well()
    assert peer.reply(1).headers is None


# 8.1.1: content-length.

SIZE = len(GET_VPS)
call("8.1.1", "content-length-that-holds", answered, ("content-length", str(SIZE)))
call("8.1.1", "content-length-beyond-the-data", malformed, ("content-length", str(SIZE + 1)))
call("8.1.1", "content-length-far-beyond-the-data", malformed, ("content-length", "9" * 18))
call("8.1.1", "content-length-below-the-data", malformed, ("content-length", str(SIZE - 1)))
call("8.1.1", "content-length-of-0-with-data", malformed, ("content-length", "0"))
call("8.1.1", "content-length-negative", malformed, ("content-length", "-1"))
call("8.1.1", "content-length-no-number", malformed, ("content-length", "ten"))
call("8.1.1", "content-length-with-a-sign", malformed, ("content-length", f"+{SIZE}"))
call("8.1.1", "content-length-empty", malformed, ("content-length", ""))
call("8.1.1", "content-length-beyond-64-bits", malformed, ("content-length", "9" * 40))
call("8.1.1", "content-lengths-that-differ", malformed,
     ("content-length", str(SIZE)), ("content-length", str(SIZE + 1)))
# RFC 9110, 8.6, lets a list of equal values be taken or refused.
call("8.1.1", "content-lengths-that-are-equal", malformed | answered,
     ("content-length", str(SIZE)), ("content-length", str(SIZE)))


@rfc9113.case("8.1.1", "content-length-without-data", malformed)
def _(peer):
    peer.send(headers(1, request_block(("content-length", "5")), ALL))


@rfc9113.case("8.1.1", "content-length-of-0-without-data", answered_with(405))
def _(peer):
    peer.send(headers(1, request_block(("content-length", "0"), _method="GET"), ALL))


@rfc9113.case("8.1.1", "content-length-does-not-count-padding", answered)
def _(peer):
    peer.open(1, ("content-length", str(SIZE)))
    peer.send(padded(f.DATA, 0, 1, GET_VPS[:3], bytes(99)),
              padded(f.DATA, f.END_STREAM, 1, GET_VPS[3:], bytes(7)))


@rfc9113.case("8.1.1", "content-length-exceeded-by-the-second-frame", malformed)
def _(peer):
    peer.open(1, ("content-length", str(SIZE)))
    peer.send(data(1, GET_VPS), data(1, b"x"))


@rfc9113.case("8.1.1", "content-length-not-reached-before-trailers", malformed)
def _(peer):
    peer.open(1, ("content-length", str(SIZE + 1)))
    peer.send(data(1, GET_VPS), headers(1, literal("x", "y"), ALL))


@rfc9113.case("8.1.1", "malformed-request-is-not-served")
def _(peer):
    # Not even when all that is needed came before the fault.
    peer.send(headers(1, request_block(("X", "1")), f.END_HEADERS), data(1, GET_VPS, f.END_STREAM))
    assert peer.finish(1).reset == f.PROTOCOL_ERROR
    assert peer.reply(1).headers is None


# 8.2: field names and values.

call("8.2", "name-with-a-capital-letter", malformed, ("Custom", "x"))
call("8.2", "name-in-capital-letters", malformed, ("TE", "trailers"), te=None)
call("8.2", "pseudo-field-with-a-capital-letter", malformed, _Path="/", te=None)

BAD_NAME_BYTES = {
    "nul": 0x00, "tab": 0x09, "line-feed": 0x0A, "return": 0x0D, "space": 0x20, "delete": 0x7F,
    "0x80": 0x80, "0xff": 0xFF, "capital-z": 0x5A, "colon": 0x3A,
}
for name, byte in BAD_NAME_BYTES.items():
    call("8.2.1", f"name-with-{name}", malformed, ("x" + chr(byte) + "y", "z"))
call("8.2.1", "name-that-is-empty", malformed, ("", "x"))
call("8.2.1", "name-that-is-a-colon", malformed, (":", "x"))
call("8.2.1", "name-with-all-other-characters", answered, ("0!#$%&'*+-.^_`|~z", "x"))

for name, byte in {"nul": 0x00, "line-feed": 0x0A, "return": 0x0D}.items():
    call("8.2.1", f"value-with-{name}", malformed, ("x", "a" + chr(byte) + "b"))
    call("8.2.1", f"value-that-ends-with-{name}", malformed, ("x", "a" + chr(byte)))
for name, byte in {"space": 0x20, "tab": 0x09}.items():
    call("8.2.1", f"value-that-begins-with-{name}", malformed, ("x", chr(byte) + "a"))
    call("8.2.1", f"value-that-ends-with-{name}", malformed, ("x", "a" + chr(byte)))
    call("8.2.1", f"value-with-{name}-within", answered, ("x", "a" + chr(byte) + "b"))
call("8.2.1", "value-that-is-empty", answered, ("x", ""))
call("8.2.1", "value-with-octets-beyond-ascii", answered, ("x", "\x80\xff"))
# 8.2.1 wants no more than the above refused; RFC 9110, 5.5, lets the rest be refused or kept.
call("8.2.1", "value-with-another-control", malformed | answered, ("x", "a\x01b"))

for name, value in {
    "connection": "close", "proxy-connection": "keep-alive", "keep-alive": "timeout=5",
    "transfer-encoding": "chunked", "upgrade": "h2c",
}.items():
    call("8.2.2", f"field-of-a-connection-{name}", malformed, (name, value))
call("8.2.2", "te-trailers", answered, te="trailers")
call("8.2.2", "te-other-than-trailers", malformed, te="gzip")
call("8.2.2", "te-more-than-trailers", malformed, te="trailers, deflate")
call("8.2.3", "cookie-in-crumbs", answered, ("cookie", "a=b"), ("x", "y"), ("cookie", "c=d"))


# 8.3: pseudo-fields.

@rfc9113.case("8.3", "pseudo-field-behind-a-field", malformed)
def _(peer):
    fields = request()
    peer.send(headers(1, block(fields[:2] + fields[4:] + fields[2:4])),
              data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("8.3", "pseudo-field-behind-a-field-in-a-continuation", malformed)
def _(peer):
    fields = request()
    peer.send(headers(1, block(fields[:2] + fields[4:]), 0), continuation(1, block(fields[2:4])),
              data(1, GET_VPS, f.END_STREAM))


@rfc9113.case("8.3", "pseudo-fields-in-any-order", answered)
def _(peer):
    fields = request()
    peer.send(headers(1, block(fields[3::-1] + fields[4:])), data(1, GET_VPS, f.END_STREAM))




def pseudo(section, name, outcome, fields):
    """A case with these pseudo-fields, in this order."""
    @rfc9113.case(section, name, outcome)
    def _(peer):
        peer.send(headers(1, block(fields + request()[4:])), data(1, GET_VPS, f.END_STREAM))


GOOD = request()[:4]
pseudo("8.3", "pseudo-field-unknown-at-first", malformed, [(":colour", "blue"), *GOOD])
pseudo("8.3", "pseudo-field-of-a-response-at-first", malformed, [(":status", "200"), *GOOD])
for number, (name, value) in enumerate(GOOD):
    if name != ":authority":
        pseudo("8.3.1", f"{name[1:]}-missing", malformed, GOOD[:number] + GOOD[number + 1:])
    pseudo("8.3.1", f"{name[1:]}-twice", malformed, [*GOOD, (name, value)])
# 8.3.1 does not want it in all cases; a URI of http without one is not valid (RFC 9110, 4.2.1).
pseudo("8.3.1", "authority-missing", answered | malformed, GOOD[:3])
pseudo("8.3.1", "all-missing", malformed, [])
pseudo("8.3.1", "path-empty", malformed, [*GOOD[:2], (":path", ""), GOOD[3]])
pseudo("8.3.1", "path-without-slash", malformed, [*GOOD[:2], (":path", GOOD[2][1][1:]), GOOD[3]])
pseudo("8.3.1", "path-of-an-absolute-uri", malformed,
       [*GOOD[:2], (":path", "http://127.0.0.1/"), GOOD[3]])
pseudo("8.3.1", "asterisk-for-options", answered_with(405),
       [(":method", "OPTIONS"), GOOD[1], (":path", "*"), GOOD[3]])
pseudo("8.3.1", "asterisk-for-another-method", malformed, [*GOOD[:2], (":path", "*"), GOOD[3]])
pseudo("8.3.1", "scheme-https", answered, [GOOD[0], (":scheme", "https"), *GOOD[2:]])
pseudo("8.3.1", "method-empty", malformed, [(":method", ""), *GOOD[1:]])
pseudo("8.3.1", "method-no-token", malformed, [(":method", "PO ST"), *GOOD[1:]])
pseudo("8.3.1", "method-unknown", answered_with(405), [(":method", "BREW"), *GOOD[1:]])
pseudo("8.3.1", "scheme-empty", malformed, [GOOD[0], (":scheme", ""), *GOOD[2:]])
pseudo("8.3.1", "scheme-no-scheme", malformed, [GOOD[0], (":scheme", "1:2"), *GOOD[2:]])
pseudo("8.3.1", "path-with-a-space", malformed, [*GOOD[:2], (":path", "/a b"), GOOD[3]])
pseudo("8.3.1", "authority-with-a-space", malformed, [*GOOD[:3], (":authority", "a b")])
# Not authoritative for the name, or any: packd serves what comes to its port.
pseudo("8.3.1", "authority-of-another", answered, [*GOOD[:3], (":authority", "example.org:1")])
call("8.3.1", "host-as-authority", answered, ("host", "127.0.0.1"))
call("8.3.1", "host-instead-of-authority", answered, ("host", "127.0.0.1"), _authority=None)


# 8.5: CONNECT, which packd does not know; 405 is its answer to a well-formed one.

CONNECT = (":method", "CONNECT")
pseudo("8.5", "connect-with-authority-alone", answered_with(405), [CONNECT, GOOD[3]])
pseudo("8.5", "connect-with-scheme", malformed, [CONNECT, GOOD[1], GOOD[3]])
pseudo("8.5", "connect-with-path", malformed, [CONNECT, GOOD[2], GOOD[3]])
pseudo("8.5", "connect-with-scheme-and-path", malformed, [CONNECT, *GOOD[1:]])
pseudo("8.5", "connect-without-authority", malformed, [CONNECT])
# RFC 8441, 4: only where the server has announced it.
pseudo("8.5", "extended-connect", malformed, [CONNECT, *GOOD[1:], (":protocol", "websocket")])
pseudo("8.5", "protocol-without-connect", malformed, [*GOOD, (":protocol", "websocket")])


# 10.5.1: a field section over the limit that SETTINGS_MAX_HEADER_LIST_SIZE told.

@pytest.mark.parametrize("more", [[("x", "y" * 16_000)], [(f"x{at}", "y") for at in range(200)]],
                         ids=["a long field", "many fields"])
def test_a_field_section_over_the_limit_ends_its_stream_alone(peer, more):
    assert f.MAX_HEADER_LIST_SIZE in peer.frames[0].entries
    whole = request_block(*more)
    peer.send(headers(1, whole[:f.MAX_FRAME_BYTES], 0), continuation(1, whole[f.MAX_FRAME_BYTES:]),
              data(1, GET_VPS, f.END_STREAM))
    reply = peer.finish(1)
    assert reply.grpc_status not in (None, 0) or reply.http_status == 431, reply
    assert peer.call_well()


def test_a_message_over_several_frames_and_streams_is_put_together(peer):
    # 5: frames of several streams come in any mixture.
    streams = range(1, 41, 2)
    for stream in streams:
        peer.open(stream)
    for at in range(len(GET_VPS)):
        for stream in streams:
            peer.send(data(stream, GET_VPS[at:at + 1]))
    for stream in reversed(streams):
        peer.send(data(stream, b"", f.END_STREAM))
    assert len({peer.expect_answer(stream).data for stream in streams}) == 1
