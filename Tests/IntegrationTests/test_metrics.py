"""/metrics, read as Prometheus reads it."""

import http.client
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from packd_testing.plans import Catalogue
from packd_testing.waiting import wait_for
from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(Path(__file__).with_name("wire")))
from connection import Connection  # noqa: E402

GET_PLAN = "packd.v1.CatalogueService/GetPlan"
WATCH = "grpc.health.v1.Health/Watch"
DURATION = "rpc_server_call_duration_seconds"
IN_FLIGHT = "rpc_server_calls_in_flight"
CALLS = 40
TIMEOUT_SECONDS = 5


def fetch(daemon, method="GET"):
    client = http.client.HTTPConnection(
        "127.0.0.1", daemon.admin_port, timeout=TIMEOUT_SECONDS)
    client.request(method, "/metrics")
    response = client.getresponse()
    body = response.read().decode("utf-8")
    client.close()
    assert response.status == 200
    return body, dict(response.getheaders())


def families(daemon):
    """The families by name, each one once."""
    found = list(text_string_to_metric_families(fetch(daemon)[0]))
    names = [family.name for family in found]
    assert len(set(names)) == len(names)
    return {family.name: family for family in found}


def value(daemon, name, **labels):
    """The sum of the samples of this name with at least these labels."""
    return sum(
        sample.value for family in families(daemon).values() for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items())


def wait_for_value(daemon, expected, name, **labels):
    """A call's end is counted when the server sees it, a moment after its client."""
    wait_for(lambda: value(daemon, name, **labels) == expected)


def test_the_page_is_prometheus_text(daemon):
    body, headers = fetch(daemon)
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert body.endswith("\n")
    for family in families(daemon).values():
        assert family.documentation
        assert family.type in ("counter", "gauge", "histogram"), family
        samples = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(set(samples)) == len(samples)
    head, headers = fetch(daemon, "HEAD")
    assert head == "" and int(headers["content-length"]) > 0


def test_calls_are_counted_by_method_and_status(daemon, admin):
    labels = {"rpc_method": GET_PLAN, "rpc_response_status_code": "OK"}
    missing = {**labels, "rpc_response_status_code": "NOT_FOUND"}
    before = value(daemon, DURATION + "_count", **labels)
    for _ in range(CALLS):
        admin.GetPlan(code="vps")
    for _ in range(3):
        with pytest.raises(grpc.RpcError):
            admin.GetPlan(code="nothing-of-the-kind")
    wait_for_value(daemon, before + CALLS, DURATION + "_count", **labels)
    wait_for_value(daemon, 3, DURATION + "_count", **missing)
    samples = families(daemon)[DURATION].samples
    buckets = [
        sample for sample in samples
        if sample.name.endswith("_bucket") and labels.items() <= sample.labels.items()]
    bounds = [float(sample.labels["le"]) for sample in buckets]
    counts = [sample.value for sample in buckets]
    assert bounds == sorted(bounds) and bounds[-1] == float("inf")
    assert counts == sorted(counts) and counts[-1] == before + CALLS
    # Far faster than the longest bound, so that they are in its bucket too.
    assert counts[-2] == counts[-1]
    assert 0 < value(daemon, DURATION + "_sum", **labels) < CALLS


def test_unknown_methods_are_one_whatever_clients_make_up(daemon, admin):
    before = value(daemon, DURATION + "_count", rpc_method="_OTHER")
    with daemon.channel() as channel:
        for number in range(20):
            with pytest.raises(grpc.RpcError):
                channel.unary_unary(f"/made.up.Service{number}/Method")(
                    b"", timeout=TIMEOUT_SECONDS)
    wait_for_value(
        daemon, before + 20, DURATION + "_count", rpc_method="_OTHER",
        rpc_response_status_code="UNIMPLEMENTED")
    assert "made.up" not in fetch(daemon)[0]


def test_what_is_no_call_is_counted_too(daemon):
    labels = {"rpc_method": "_OTHER", "rpc_response_status_code": "UNKNOWN"}
    before = value(daemon, DURATION + "_count", **labels)
    with Connection(daemon.port) as connection:
        assert connection.call(_method="PUT").http_status == 405
        assert connection.call(content_type="text/plain").http_status == 415
    wait_for_value(daemon, before + 2, DURATION + "_count", **labels)
    wait_for_value(daemon, 0, IN_FLIGHT)


def test_calls_in_flight_are_those_that_run(daemon, admin):
    with daemon.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        watches = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(7)]
        for watch in watches:
            next(watch)
        assert value(daemon, IN_FLIGHT, rpc_method=WATCH) == 7
        assert value(daemon, IN_FLIGHT) == 7
        for watch in watches[:3]:
            watch.cancel()
        wait_for_value(daemon, 4, IN_FLIGHT, rpc_method=WATCH)
        wait_for_value(
            daemon, 3, DURATION + "_count", rpc_method=WATCH,
            rpc_response_status_code="CANCELLED")
    wait_for_value(daemon, 0, IN_FLIGHT)


def test_calls_of_all_event_loops_are_counted(own_daemon):
    own_daemon.options = ["--event-loops", "4"]
    own_daemon.start()
    channels = [own_daemon.channel() for _ in range(8)]
    for channel in channels:
        for _ in range(5):
            Catalogue(channel).GetPlan(code="vps")
    wait_for_value(own_daemon, 40, DURATION + "_count", rpc_method=GET_PLAN)
    for channel in channels:
        channel.close()


def test_scrapes_beside_calls_only_ever_count_up(own_daemon):
    own_daemon.start()
    labels = {"rpc_method": GET_PLAN, "rpc_response_status_code": "OK"}
    with own_daemon.channel() as channel, ThreadPoolExecutor(4) as callers:
        catalogue = Catalogue(channel)
        calls = [callers.submit(catalogue.GetPlan, code="vps") for _ in range(400)]
        counts = [value(own_daemon, DURATION + "_count", **labels) for _ in range(20)]
        for call in calls:
            call.result()
    assert counts == sorted(counts)
    wait_for_value(own_daemon, 400, DURATION + "_count", **labels)


def test_the_store_is_available(daemon):
    assert value(daemon, "packd_store_available") == 1


def test_connections_are_counted(own_daemon):
    own_daemon.start()
    connections = [Connection(own_daemon.port) for _ in range(5)]
    for connection in connections:
        assert connection.call().grpc_status == 0
    assert value(own_daemon, "packd_connections_open") == 5
    assert value(own_daemon, "packd_connections_opened_total") == 5
    assert value(own_daemon, "packd_streams_opened_total") == 5
    received = value(own_daemon, "packd_received_bytes_total")
    sent = value(own_daemon, "packd_sent_bytes_total")
    # A preface, a request and an answer each, and little more.
    assert 5 * 100 < received < 5 * 2_000
    assert 5 * 100 < sent < 5 * 2_000
    for connection in connections[:3]:
        connection.close()
    wait_for_value(own_daemon, 3, "packd_connections_closed_total", reason="client_closed")
    wait_for_value(own_daemon, 2, "packd_connections_open")
    assert value(own_daemon, "packd_limit_hits_total") == 0
