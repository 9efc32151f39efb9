"""The health service: what orchestrators and load balancers ask, with or without a token."""

import sqlite3
import time
from contextlib import closing

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

CATALOGUE = "packd.v1.CatalogueService"
REFLECTION = "grpc.reflection.v1.ServerReflection"
SERVICES = ["", CATALOGUE, "grpc.health.v1.Health", REFLECTION,
            "grpc.reflection.v1alpha.ServerReflection"]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
TIMEOUT_SECONDS = 10

# A watch must not cost more than a quarter of what 10,000 may: 256 MiB.
WATCHES = 2_500
WATCHES_PER_CONNECTION = 100
MAX_WATCH_BYTES = 256 * 2**20 // 10_000


@pytest.fixture
def stub(daemon):
    with daemon.channel() as channel:
        yield health_pb2_grpc.HealthStub(channel)


def request(service):
    return health_pb2.HealthCheckRequest(service=service)


def check(stub, service="", **options):
    return stub.Check(request(service), timeout=TIMEOUT_SECONDS, **options).status


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_serving(stub, service):
    assert check(stub, service) == SERVING


@pytest.mark.parametrize("service", ["packd.v1", CATALOGUE + "/GetPlan", "x" * 100_000, "ü"])
def test_an_unknown_service_is_not_found(stub, service):
    with pytest.raises(grpc.RpcError) as error:
        check(stub, service)
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_nobody_is_kept_out_for_a_token(stub):
    assert check(stub, metadata=[("authorization", "Bearer of.bad.tidings")]) == SERVING
    watch = stub.Watch(request(""), metadata=[("authorization", "x")], timeout=TIMEOUT_SECONDS)
    assert next(watch).status == SERVING
    watch.cancel()


def test_a_watch_of_an_unknown_service_stays(stub):
    watch = stub.Watch(request("no.such.Service"), timeout=1)
    assert [response.status for response in iterate(watch)] == [SERVICE_UNKNOWN]
    assert watch.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def iterate(watch):
    """What comes until the watch ends, however it ends."""
    try:
        yield from watch
    except grpc.RpcError:
        pass


def test_a_store_that_is_away_is_told(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        watch = stub.Watch(request(""), timeout=60)
        catalogue = stub.Watch(request(CATALOGUE), timeout=60)
        reflection = stub.Watch(request(REFLECTION), timeout=60)
        for one in (watch, catalogue, reflection):
            assert next(one).status == SERVING
        with closing(sqlite3.connect(own_daemon.folder / "packd.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            provoke_write(own_daemon, channel)
            assert next(watch).status == NOT_SERVING
            assert next(catalogue).status == NOT_SERVING
            assert check(stub) == NOT_SERVING
            assert check(stub, CATALOGUE) == NOT_SERVING
            # It needs no store.
            assert check(stub, REFLECTION) == SERVING
            other.rollback()
        assert next(watch).status == SERVING
        assert next(catalogue).status == SERVING
        assert check(stub) == SERVING
        own_daemon.terminate()
        # Nothing was said about this one in between.
        assert next(reflection).status == NOT_SERVING
        assert own_daemon.wait(10) == 0


def provoke_write(daemon, channel):
    """A write that another process holds up, so that the store finds out."""
    from packd_testing.plans import Catalogue, make_plan

    with pytest.raises(grpc.RpcError) as error:
        Catalogue(channel).CreatePlan(plan=make_plan("Held up"))
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_drain_is_told_and_does_not_wait_for_those_who_watch(own_daemon):
    own_daemon.start()
    channels = [own_daemon.channel() for _ in range(5)]
    watches = []
    for channel in channels:
        stub = health_pb2_grpc.HealthStub(channel)
        watches += [stub.Watch(request(service)) for service in SERVICES + ["none"]]
    for watch in watches:
        next(watch)
    began = time.monotonic()
    own_daemon.terminate()
    for watch in watches:
        rest = [response.status for response in iterate(watch)]
        assert rest in ([NOT_SERVING], []), rest
        assert watch.code() == grpc.StatusCode.UNAVAILABLE, watch.details()
    told = sum(watch.details() == "The server is about to stop" for watch in watches)
    assert told == len(watches)
    assert own_daemon.wait(10) == 0, own_daemon.tail()
    # The grace for calls that take long is 30 s.
    assert time.monotonic() - began < 4
    for channel in channels:
        channel.close()


def test_those_who_watch_cost_little_and_leave_nothing_behind(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        check(health_pb2_grpc.HealthStub(channel))
    at_first = own_daemon.resident_bytes()
    channels = [own_daemon.channel() for _ in range(WATCHES // WATCHES_PER_CONNECTION)]
    watches = [
        health_pb2_grpc.HealthStub(channel).Watch(request(""))
        for channel in channels for _ in range(WATCHES_PER_CONNECTION)]
    for watch in watches:
        assert next(watch).status == SERVING
    each = (own_daemon.resident_bytes() - at_first) / WATCHES
    assert each < MAX_WATCH_BYTES, f"{each:.0f} bytes a watch"
    for watch in watches:
        watch.cancel()
    for channel in channels:
        channel.close()
    with own_daemon.channel() as channel:
        assert check(health_pb2_grpc.HealthStub(channel)) == SERVING
    own_daemon.stop(within=5)
