"""What the daemon writes about itself: lines that parse, whatever clients send, and no secrets."""

import json
import re
import sys
import time
from pathlib import Path

import grpc
import pytest
from packd_testing.plans import Catalogue, make_plan
from packd_testing.tokens import SECRET, make_token
from packd_testing.waiting import wait_for

sys.path.insert(0, str(Path(__file__).with_name("wire")))
from connection import GET_PLAN, GET_VPS, Connection, message  # noqa: E402
from hpack import Encoder  # noqa: E402
from hyperframe.frame import DataFrame, HeadersFrame  # noqa: E402

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def lines_of(daemon):
    """The log so far, as objects; every line must be one."""
    # Bytes that are not UTF-8 must not hide as replacement characters.
    raw = daemon.log.read_bytes()
    assert raw == b"" or raw.endswith(b"\n")
    # Only the line feed ends a line: splitlines() knows more ends.
    return [json.loads(line.decode("utf-8", "strict")) for line in raw.split(b"\n")[:-1]]


def calls_of(daemon, count):
    """The lines of calls, once there are as many as this."""
    def calls():
        # While the daemon writes, the last line may be half a one.
        if not daemon.log.read_bytes().endswith(b"\n"):
            return []
        found = [line for line in lines_of(daemon) if line["message"] == "call"]
        return found if len(found) >= count else []

    return wait_for(calls)


def raw_call(connection, fields, body=GET_VPS):
    """A call with header fields of bytes, which the h2 package would not send."""
    stream = connection.h2.get_next_available_stream_id()

    def frames(number):
        block = connection.encoder.encode(fields)
        return (HeadersFrame(number, block, flags=["END_HEADERS"]).serialize()
                + DataFrame(number, body, flags=["END_STREAM"]).serialize())

    connection.start_raw(frames)
    return connection.receive(stream)


@pytest.fixture
def connection(own_daemon):
    own_daemon.start()
    with Connection(own_daemon.port) as one:
        one.encoder = Encoder()
        yield one


def fields_of(connection, path=GET_PLAN.encode(), extra=()):
    fields = [(name.encode(), value.encode()) for name, value in connection.headers()]
    return [(name, path if name == b":path" else value) for name, value in fields] + list(extra)


def test_a_call_leaves_one_line_with_all_there_is_to_know(own_daemon, connection):
    peer = "%s:%d" % connection.socket.getsockname()
    began = time.time()
    reply = connection.call(
        extra=[("traceparent", f"00-{TRACE_ID}-00f067aa0ba902b7-01")])
    assert reply.grpc_status == 0
    (line,) = calls_of(own_daemon, 1)
    assert TIME.fullmatch(line.pop("time"))
    assert re.fullmatch("[0-9a-f]{16}", line.pop("call_id"))
    assert 0 < line.pop("duration_us") < (time.time() - began) * 1e6
    assert line == {
        "level": "info", "message": "call", "method": GET_PLAN, "status": "OK",
        "principal": "default/user-1", "peer": peer, "trace_id": TRACE_ID,
    }


def test_each_status_is_named(own_daemon, connection):
    connection.call(message(b"\x12\x04none"))
    connection.call(path="/packd.v1.CatalogueService/Nope")
    connection.call(authorization=None)
    connection.call(authorization=f"Bearer {make_token('Seller')}")
    connection.call(message(b"\xff"))
    connection.call(grpc_timeout="1n")
    connection.call(_method="GET")
    stream = connection.start()
    connection.h2.reset_stream(stream, 8)
    connection.flush()
    connection.call()
    seen = [(line["status"], line["principal"]) for line in calls_of(own_daemon, 9)]
    assert seen == [
        ("NOT_FOUND", "default/user-1"), ("UNIMPLEMENTED", ""), ("UNAUTHENTICATED", ""),
        ("PERMISSION_DENIED", "default/user-1"), ("INVALID_ARGUMENT", "default/user-1"),
        ("DEADLINE_EXCEEDED", "default/user-1"), ("UNKNOWN", ""),
        ("CANCELLED", "default/user-1"), ("OK", "default/user-1"),
    ]


def test_call_ids_differ(own_daemon, connection):
    for _ in range(100):
        connection.call()
    calls = calls_of(own_daemon, 100)
    assert len({line["call_id"] for line in calls}) == 100


HOSTILE = {
    "a line end": b"/a\nb",
    "quotes": b'/"},"level":"critical","x":{"',
    "backslashes": b"/\\\\n\\u0041\\",
    "a control": b"/\x1b[2J\x07\x7f",
    "a wrong UTF-8": b"/\xff\xfe\xc3",
    "a surrogate": b"/\xed\xa0\x80",
    "an overlong": b"/\xc0\xaf\xe0\x80\xaf",
    "beyond Unicode": b"/\xf4\x90\x80\x80",
    "UTF-8": "/Zürich/🐘".encode(),
    "other line ends": "/a\u2028b\u2029c\u0085d".encode(),
    "a character at the cut": b"/" + b"x" * 254 + "🐘".encode(),
    "a long one": b"/" + b"\xf0" * 5000,
    "nothing": b"",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_path_stays_in_its_line(own_daemon, connection, case):
    raw_call(connection, fields_of(connection, HOSTILE[case]))
    connection.close()
    with Connection(own_daemon.port) as another:
        another.call()
    own_daemon.stop()
    lines = lines_of(own_daemon)
    # The longest one makes a frame that is too large.
    assert {line["message"] for line in lines} <= {
        "serving", "call", "connection closed", "draining", "stopped"}
    calls = [line for line in lines if line["message"] == "call"]
    assert len(calls) in (1, 2)
    for line in calls:
        assert set(line) == {
            "time", "level", "message", "method", "status", "duration_us", "principal", "peer",
            "call_id"}
        assert line["level"] == "info"
        assert len(line["method"].encode()) <= 6 * 256


def test_a_path_in_utf_8_is_shown_as_it_is(own_daemon, connection):
    raw_call(connection, fields_of(connection, "/Zürich/🐘".encode()))
    assert calls_of(own_daemon, 1)[0]["method"] == "/Zürich/🐘"


@pytest.mark.parametrize(
    "value",
    [
        b"", b"00", b"-" * 55, b"x" * 100,
        b"00-" + b"\xff" * 32 + b"-00f067aa0ba902b7-01",
        b'00-","level":"critical","x":"xxxxx"-00f067aa0ba902b7-01',
        b"00-" + TRACE_ID.upper().encode() + b"-00f067aa0ba902b7-01",
        b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01",
        b"ff-" + TRACE_ID.encode() + b"-00f067aa0ba902b7-01",
        b"00-" + TRACE_ID.encode() + b"-0000000000000000-01",
        b"00-" + TRACE_ID.encode() + b"-00f067aa0ba902b7-01-more",
        b"00_" + TRACE_ID.encode() + b"-00f067aa0ba902b7-01",
    ],
    ids=lambda value: value[:40].decode("latin-1"),
)
def test_a_trace_that_is_none_is_left_out(own_daemon, connection, value):
    # W3C Trace Context, section 3.2.2: lower-case hexadecimal, not all zeros, not version ff.
    fields = fields_of(connection, extra=[(b"traceparent", value)])
    assert raw_call(connection, fields).grpc_status == 0
    assert "trace_id" not in calls_of(own_daemon, 1)[0]


def test_a_later_version_of_a_trace_is_taken(own_daemon, connection):
    value = b"01-" + TRACE_ID.encode() + b"-00f067aa0ba902b7-01-more"
    raw_call(connection, fields_of(connection, extra=[(b"traceparent", value)]))
    assert calls_of(own_daemon, 1)[0]["trace_id"] == TRACE_ID


def test_hostile_metadata_leaves_no_trace(own_daemon, connection):
    extra = [(b"x-note", b'\xff"},{"level":"critical'), (b"user-agent", b"a\\\"b"),
             (b"x-bin", b"!not base64!")]
    raw_call(connection, fields_of(connection, extra=extra))
    connection.close()
    own_daemon.stop()
    assert b"critical" not in own_daemon.log.read_bytes()
    lines_of(own_daemon)


def test_nothing_that_it_writes_has_a_token_or_a_secret_in_it(own_daemon):
    tokens = [
        make_token(), make_token(ttl=-60), make_token("Seller"), make_token(secret="x" * 40),
        make_token(sub=""), make_token(role="Boss"),
        make_token()[:-4] + "AAAA",
    ]
    own_daemon.options = ["--log-level", "trace"]
    own_daemon.start()
    with own_daemon.channel() as channel:
        for token in tokens:
            catalogue = Catalogue(channel, token)
            for attempt in (
                lambda one=catalogue: one.GetPlan(code="vps"),
                lambda one=catalogue: one.GetPlan(code="none"),
                lambda one=catalogue: one.ListPlans(page_size=-1),
                lambda one=catalogue: one.ListPlans(page_token="forged"),
                lambda one=catalogue: one.CreatePlan(plan=make_plan("Twice")),
            ):
                try:
                    attempt()
                except grpc.RpcError:
                    pass
    with Connection(own_daemon.port) as connection:
        # Where a token does not belong.
        connection.call(authorization=tokens[0])
        connection.call(authorization=f"Basic {tokens[0]}")
        connection.call(extra=[("x-token", tokens[0]), ("cookie", f"token={tokens[0]}")])
        connection.call(grpc_timeout=tokens[0])
        connection.call(extra=[("traceparent", tokens[0])])
        connection.call(grpc_encoding=tokens[0])
    own_daemon.stop()
    text = own_daemon.log.read_text(encoding="utf-8")
    assert text.count('"message":"call"') > 40
    assert SECRET not in text
    for token in tokens:
        # The signature is what makes a token; its claims are no secret, but no use either.
        _, claims, signature = token.split(".")
        assert signature not in text
        assert claims not in text


def test_text_is_for_people(own_daemon):
    own_daemon.options = ["--log-format", "text"]
    own_daemon.start()
    with Connection(own_daemon.port) as connection:
        connection.call()
    with Connection(own_daemon.port) as connection:
        connection.encoder = Encoder()
        raw_call(connection, fields_of(connection, "/\x9b2J\u2028".encode() + b"\xff"))
    own_daemon.stop()
    text = own_daemon.log.read_bytes().decode("utf-8", "strict")
    lines = text.split("\n")[:-1]
    assert all(TIME.match(line) for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)
    assert any(
        re.search(rf' info call method="{GET_PLAN}" status="OK" duration_us=\d+ ', line)
        for line in lines)
    assert [line.split()[2] for line in lines if " notice " in line] == [
        "serving", "draining", "stopped"]


def test_calls_are_not_logged_above_their_level(own_daemon):
    own_daemon.options = ["--log-level", "notice"]
    own_daemon.start()
    with own_daemon.channel() as channel:
        Catalogue(channel).GetPlan(code="vps")
    own_daemon.stop()
    assert [line["message"] for line in lines_of(own_daemon)] == [
        "serving", "draining", "stopped"]


def test_no_line_is_lost_at_the_end(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        catalogue = Catalogue(channel)
        for _ in range(300):
            catalogue.GetPlan(code="vps")
    own_daemon.stop()
    assert len([line for line in lines_of(own_daemon) if line["message"] == "call"]) == 300
