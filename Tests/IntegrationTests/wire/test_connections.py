"""How connections end: silence, age, idleness, too many of them; judged by C-core's client and
by raw frames."""

import json
import struct
import threading
import time

import grpc
import pytest
from connection import Connection, is_open, wait_until_closed
from counted import closed, limit_hits, metrics
from hpack import Encoder
from hyperframe.frame import DataFrame, HeadersFrame, RstStreamFrame
from packd_testing.daemon import CHANNEL_OPTIONS
from packd_testing.plans import Catalogue
from packd_testing.waiting import wait_for
from test_hostile import EMPTY_SETTINGS, PREFACE, dial, frame

PING = frame(6, 0, 0, b"12345678")


def frames_of(data):
    """Cuts bytes into (type, flags, stream, payload); an unfinished frame is left out."""
    frames = []
    while len(data) >= 9:
        length = int.from_bytes(data[:3], "big")
        if len(data) < 9 + length:
            break
        stream = int.from_bytes(data[5:9], "big")
        frames.append((data[3], data[4], stream, data[9:9 + length]))
        data = data[9 + length:]
    return frames


def last_goaway(data):
    """Error code and debug data."""
    payload = [payload for kind, _, _, payload in frames_of(data) if kind == 7][-1]
    return int.from_bytes(payload[4:8], "big"), payload[8:].decode("utf-8")


def logged_ends(daemon):
    lines = [json.loads(line) for line in daemon.stderr.splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "connection closed"]


def start(own_daemon, *options):
    own_daemon.options = ["--log-format", "json", *options]
    own_daemon.start()
    return own_daemon


class Caller(threading.Thread):
    """Calls without a pause until told to stop; what fails is kept."""

    def __init__(self, channel):
        super().__init__()
        self.catalogue = Catalogue(channel)
        self.over = threading.Event()
        self.calls = 0
        self.failures = []

    def run(self):
        while not self.over.is_set():
            try:
                self.catalogue.GetPlan(code="vps")
                self.calls += 1
            except grpc.RpcError as error:
                self.failures.append(error)


def call_for(channels, seconds):
    """Calls on each channel from four threads; returns how many calls, and what failed."""
    callers = [Caller(channel) for channel in channels for _ in range(4)]
    for caller in callers:
        caller.start()
    time.sleep(seconds)
    for caller in callers:
        caller.over.set()
    for caller in callers:
        caller.join()
    return (
        sum(caller.calls for caller in callers),
        [failure for caller in callers for failure in caller.failures])


# Keepalive.


def test_pings_without_need_end_in_too_many_pings(own_daemon):
    start(own_daemon)
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
        # The first measures the answer's way, the second begins the count.
        for _ in range(5):
            connection.send(PING)
            time.sleep(0.05)
        code, words = last_goaway(connection.read_until_closed())
        assert (code, words) == (0xB, "too_many_pings")
    assert wait_for(lambda: closed(own_daemon, "too_many_pings")) == 1
    assert limit_hits(own_daemon, "too_many_pings") == 1
    (line,) = wait_for(lambda: logged_ends(own_daemon))
    assert line["reason"] == "too_many_pings" and line["level"] == "info"
    assert line["streams"] == "1" and line["peer"].startswith("127.0.0.1:")
    own_daemon.stop()


def test_grpcio_is_told_when_its_keepalive_is_too_eager(own_daemon):
    start(own_daemon)
    eager = [
        ("grpc.keepalive_time_ms", 100), ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0), ("grpc.keepalive_timeout_ms", 5000),
        ("grpc.http2.min_time_between_pings_ms", 100),
        ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ]
    with grpc.insecure_channel(own_daemon.address, options=CHANNEL_OPTIONS + eager) as channel:
        assert Catalogue(channel).GetPlan(code="vps").plan.code == "vps"
        wait_for(lambda: closed(own_daemon, "too_many_pings"), 10)
        # It comes back, and pings less often.
        assert Catalogue(channel).GetPlan(code="vps").plan.code == "vps"
    own_daemon.stop()


def test_grpcio_with_a_keepalive_of_ten_seconds_is_not_cut_off(own_daemon):
    start(own_daemon)
    options = [
        ("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 5000),
        ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.bdp_probe", 1),
    ]
    with grpc.insecure_channel(own_daemon.address, options=CHANNEL_OPTIONS + options) as channel:
        # Each answer is measured by a PING; then there is silence for a while.
        for _ in range(3):
            calls, failures = call_for([channel], 1)
            assert not failures and calls > 100
            time.sleep(0.5)
        counted = metrics(own_daemon)
    assert counted['packd_limit_hits_total{limit="too_many_pings"}'] == 0
    assert counted["packd_connections_opened_total"] == 1
    own_daemon.stop()


def test_a_client_that_answers_nothing_is_left(own_daemon):
    start(own_daemon, "--keepalive-time-seconds", "1", "--keepalive-timeout-seconds", "1")
    with Connection(own_daemon.port) as good, dial(own_daemon.port) as silent:
        silent.sendall(PREFACE + EMPTY_SETTINGS + frame(4, 1, 0, b""))
        until = time.monotonic() + 4
        while is_open(silent):
            assert time.monotonic() < until, "still open"
            # The good one answers PINGs, which is all that it says.
            good.socket.settimeout(0.2)
            try:
                good.pump()
            except AssertionError:
                pass
        good.socket.settimeout(5)
        assert good.call().grpc_status == 0
    assert closed(own_daemon, "keepalive_timeout") == 1
    own_daemon.stop()


# Age and idleness.


def test_connections_that_are_too_old_lose_no_call(own_daemon):
    start(own_daemon, "--max-age-seconds", "1")
    # With retries, as clients have by default: C-core fails calls that a GOAWAY has overtaken
    # without them, though the daemon has never seen these.
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 1)]
    channels = [grpc.insecure_channel(own_daemon.address, options=options) for _ in range(4)]
    calls, failures = call_for(channels, 5)
    for channel in channels:
        channel.close()
    assert not failures, f"{len(failures)} of {calls} calls failed: {failures[0]}"
    assert calls > 1000
    # Four clients for five seconds, each connection for one, give or take a tenth.
    assert closed(own_daemon, "max_age") >= 10
    own_daemon.stop()


def test_an_idle_connection_is_ended_in_good_order(own_daemon):
    start(own_daemon, "--max-idle-seconds", "1")
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
        began = time.monotonic()
        while not connection.drains:
            connection.pump()
        # It is looked at once a second.
        assert 0.8 < time.monotonic() - began < 3
        while connection.drains < 2:
            connection.pump()
        wait_until_closed([connection.socket], 3)
    assert wait_for(lambda: closed(own_daemon, "max_idle")) == 1
    with own_daemon.channel() as channel:
        for _ in range(2):
            assert Catalogue(channel).GetPlan(code="vps").plan.code == "vps"
            time.sleep(1.3)
    own_daemon.stop()


# Too many.


def test_one_address_has_its_share_of_connections(own_daemon):
    start(own_daemon, "--max-connections-per-address", "10")
    connections = [Connection(own_daemon.port) for _ in range(10)]
    for connection in connections:
        assert connection.call().grpc_status == 0
    wait_until_closed([dial(own_daemon.port) for _ in range(20)], 2)
    assert limit_hits(own_daemon, "too_many_connections_per_address") == 20
    counted = metrics(own_daemon)
    assert counted["packd_connections_open"] == 10
    assert counted["packd_connections_opened_total"] == 30
    connections.pop().close()
    wait_for(lambda: metrics(own_daemon)["packd_connections_open"] == 9)
    with Connection(own_daemon.port) as another:
        assert another.call().grpc_status == 0
    for connection in connections:
        connection.close()
    own_daemon.stop()


def test_streams_beyond_the_bound_are_refused_and_the_others_go_on(own_daemon):
    start(own_daemon, "--max-concurrent-streams", "5")
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
        assert connection.h2.remote_settings.max_concurrent_streams == 5
        connection.h2.remote_settings.acknowledge()
        # h2 would keep to the bound by itself.
        connection.h2.remote_settings._settings[3][0] = 1000
        streams = [connection.start() for _ in range(8)]
        for stream in streams[5:]:
            assert connection.receive(stream).reset == 7
        for stream in streams[:5]:
            connection.send_body(stream, b"\x00\x00\x00\x00\x05\x12\x03vps")
            assert connection.receive(stream).grpc_status == 0
    assert limit_hits(own_daemon, "too_many_streams") == 3
    own_daemon.stop()


def test_a_thousand_cancellations_a_second_are_in_order(own_daemon):
    start(own_daemon)
    seconds, rate = 5, 1000
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
        encoder = Encoder()
        stream = 3
        began = time.monotonic()
        for number in range(seconds * rate):
            block = encoder.encode(connection.headers())
            connection.send(
                HeadersFrame(stream, block, flags=["END_HEADERS"]).serialize()
                + RstStreamFrame(stream, 8).serialize())
            stream += 2
            ahead = began + number / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        assert is_open(connection.socket)
    counted = metrics(own_daemon)
    assert counted["packd_stream_resets_received_total"] == seconds * rate
    assert all(
        value == 0 for name, value in counted.items() if name.startswith("packd_limit_hits"))
    own_daemon.stop()


def test_small_messages_on_a_stream_are_no_flood(own_daemon):
    """Frames that end a message are worth their while, however small: the prefix of each and its
    two bytes come apart."""
    start(own_daemon)
    count = 5_000
    with Connection(own_daemon.port) as connection:
        stream = connection.start(
            authorization=None, path="/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        request = (
            DataFrame(stream, struct.pack(">BI", 0, 2)).serialize()
            + DataFrame(stream, b"\x0a\x00").serialize())
        for _ in range(count):
            connection.send(request)
        connection.h2.end_stream(stream)
        connection.flush()
        reply = connection.receive(stream)
    assert reply.grpc_status == 0 and len(reply.data) >= 5 * count
    assert closed(own_daemon, "small_data_flood") == 0
    own_daemon.stop()


@pytest.mark.parametrize("drains", [False, True])
def test_the_log_tells_of_ends_in_order_only_when_asked(own_daemon, drains):
    start(own_daemon, "--log-level", "debug")
    connection = Connection(own_daemon.port)
    assert connection.call().grpc_status == 0
    if not drains:
        connection.close()
        wait_for(lambda: closed(own_daemon, "client_closed"))
    own_daemon.stop()
    connection.close()
    (line,) = logged_ends(own_daemon)
    assert line["reason"] == ("drain" if drains else "client_closed")
    assert line["level"] == "debug" and int(line["duration_ms"]) >= 0


def test_a_break_of_the_protocol_is_logged_in_nghttp2s_words(own_daemon):
    start(own_daemon)
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
        connection.send(frame(0, 0, 0, b"x"))
        code, words = last_goaway(connection.read_until_closed())
    assert code == 1 and words
    (line,) = wait_for(lambda: logged_ends(own_daemon))
    assert line["reason"] == "protocol_error" and line["detail"] == words
    own_daemon.stop()


