"""A drain lets go streams whose clients neither send nor end, and what they were told holds."""

import queue
import time

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from packd.v1 import package_service_pb2 as api
from packd_testing.errors import Refusal
from packd_testing.packages import Packages, traffic

VERDICT = api.UsageVerdict.Name
STREAM_SECONDS = 60
# Of every event: one that is sent again must be the same.
BEGIN = int(time.time())
# The grace for calls that take long is 30 s.
SOON_SECONDS = 5


class Feed:
    """Requests that are sent one by one, and never end by themselves."""

    def __init__(self):
        self.queue = queue.SimpleQueue()

    def __iter__(self):
        return iter(self.queue.get, None)

    def send(self, package, event_id):
        event = traffic(package.id, event_id, at=BEGIN, requests=1)
        self.queue.put(api.IngestUsageRequest(event=event))


@pytest.fixture
def channel(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as one:
        yield one


@pytest.fixture
def feed():
    one = Feed()
    yield one
    one.queue.put(None)


def refusal(stream):
    with pytest.raises(grpc.RpcError) as error:
        next(stream)
    found = Refusal()
    found.read(error.value)
    return found




def test_an_idle_stream_of_usage_is_let_go_with_all_that_it_sent_answered(
        own_daemon, channel, feed):
    packages = Packages(channel)
    package = packages.create()
    stream = packages.stream("IngestUsage", iter(feed), STREAM_SECONDS)
    feed.send(package, "before")
    assert VERDICT(next(stream).verdict) == "USAGE_VERDICT_ACCEPTED"
    began = time.monotonic()
    own_daemon.terminate()
    # The drain has begun, and the stream goes on for a moment.
    time.sleep(0.3)
    feed.send(package, "meanwhile")
    assert VERDICT(next(stream).verdict) == "USAGE_VERDICT_ACCEPTED"
    found = refusal(stream)
    assert (found.code, found.reason) == ("UNAVAILABLE", "SERVER_STOPPING")
    assert own_daemon.wait(SOON_SECONDS) == 0, own_daemon.tail()
    assert time.monotonic() - began < SOON_SECONDS
    own_daemon.process = None
    # The next daemon knows both, and takes what comes after them.
    own_daemon.start()
    with own_daemon.channel() as next_channel:
        again = Feed()
        stream = Packages(next_channel).stream("IngestUsage", iter(again), STREAM_SECONDS)
        for event_id in ("before", "meanwhile", "after"):
            again.send(package, event_id)
        again.queue.put(None)
        assert [VERDICT(answer.verdict).removeprefix("USAGE_VERDICT_") for answer in stream] == [
            "DUPLICATE", "DUPLICATE", "ACCEPTED"]
    own_daemon.stop(within=SOON_SECONDS)


def test_a_stream_that_ends_by_itself_in_a_drain_is_ok(own_daemon, channel, feed):
    packages = Packages(channel)
    package = packages.create()
    stream = packages.stream("IngestUsage", iter(feed), STREAM_SECONDS)
    feed.send(package, "one")
    next(stream)
    own_daemon.terminate()
    feed.send(package, "two")
    feed.queue.put(None)
    assert len(list(stream)) == 1
    assert stream.code() == grpc.StatusCode.OK
    assert own_daemon.wait(SOON_SECONDS) == 0


def test_an_idle_stream_of_usage_that_never_sent_is_let_go(own_daemon, channel, feed):
    stream = Packages(channel).stream("IngestUsage", iter(feed), STREAM_SECONDS)
    # It has begun when its headers are there.
    stream.initial_metadata()
    own_daemon.terminate()
    assert refusal(stream).reason == "SERVER_STOPPING"
    assert own_daemon.wait(SOON_SECONDS) == 0


def test_idle_reflection_and_watches_are_let_go(own_daemon, channel, feed):
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(feed))
    feed.queue.put(reflection_pb2.ServerReflectionRequest(list_services=""))
    next(reflection)
    watch = Packages(channel).watch(STREAM_SECONDS)
    next(watch)
    own_daemon.terminate()
    for stream in (reflection, watch):
        assert refusal(stream).reason == "SERVER_STOPPING"
    assert own_daemon.wait(SOON_SECONDS) == 0, own_daemon.tail()
