"""kill -9 while usage is taken in: what was acknowledged is counted, and nothing twice.

Eight streams send events and keep a journal of their answers outside the daemon. After each kill
the daemon is started again on its file, and whatever was not answered is sent again.
"""

import collections
import queue
import random
import threading
import time

import grpc
from packd.v1 import package_service_pb2 as api
from packd_testing.packages import Packages, make_type, timestamp, traffic

SEED = 8
STREAMS = 8
PACKAGES = 5
EVENTS_PER_STREAM = 6_000
IN_FLIGHT = 400
KILLS = 3
# A kill comes this long after the streams have begun.
KILL_AFTER_SECONDS = (0.2, 0.7)
STREAM_SECONDS = 60
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400

VERDICT = api.UsageVerdict.Name


class Stream:
    """What one stream has to send, and what it was told."""

    def __init__(self, events):
        self.events = events
        # Verdicts by event, in the order of their answers, whatever runs there were.
        self.journal = []
        self.failures = []

    def run(self, daemon):
        """Sends what was not answered until all is, or the daemon is gone."""
        with daemon.channel() as channel:
            waiting = collections.deque(self.events[len(self.journal):])
            room = threading.Semaphore(IN_FLIGHT)
            sent = queue.SimpleQueue()
            is_over = threading.Event()

            def requests():
                for event in waiting:
                    while not room.acquire(timeout=0.1):
                        if is_over.is_set():
                            return
                    if is_over.is_set():
                        return
                    sent.put(event.event_id)
                    yield api.IngestUsageRequest(event=event)

            try:
                for answer in Packages(channel).stream("IngestUsage", requests(), STREAM_SECONDS):
                    assert answer.event_id == sent.get_nowait()
                    self.journal.append(answer.verdict)
                    room.release()
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            except AssertionError as error:
                self.failures.append(error)
            finally:
                is_over.set()


def make_events(number, package_ids, now):
    """Events of the last day and of 30 days ago, with numbers that tell them apart in a sum."""
    for count in range(EVENTS_PER_STREAM):
        age = 30 * DAY_SECONDS if count % 10 == 0 else count % DAY_SECONDS
        yield traffic(
            package_ids[count % len(package_ids)], f"{number}-{count}", at=now - age,
            in_bytes=count, out_bytes=number + 1, requests=1)


def expected_hours(streams, package_id):
    """By the start of the hour: bytes in, bytes out, requests."""
    hours = collections.defaultdict(lambda: [0, 0, 0])
    for stream in streams:
        for event in stream.events:
            if event.package_id == package_id:
                seconds = event.observed_time.seconds
                hour = hours[seconds - seconds % HOUR_SECONDS]
                hour[0] += event.bandwidth_delta.in_bytes
                hour[1] += event.bandwidth_delta.out_bytes
                hour[2] += 1
    return dict(hours)


def counted_hours(caller, package_id, now):
    buckets = []
    token = ""
    while True:
        page = caller.GetPackageBandwidthUsage(
            package_id=package_id, start_time=timestamp(now - 34 * DAY_SECONDS), page_size=1000,
            interval=api.BANDWIDTH_INTERVAL_HOUR, page_token=token)
        buckets.extend(page.bandwidth_usage.buckets)
        token = page.next_page_token
        if not token:
            break
    return {
        bucket.start_time.seconds: [bucket.in_bytes, bucket.out_bytes, bucket.requests]
        for bucket in buckets if bucket.requests
    }


def run_streams(daemon, streams, kill_after=None):
    threads = [threading.Thread(target=stream.run, args=(daemon,)) for stream in streams]
    for thread in threads:
        thread.start()
    if kill_after is not None:
        time.sleep(kill_after)
        daemon.kill()
    for thread in threads:
        thread.join(STREAM_SECONDS)
        assert not thread.is_alive()
    for stream in streams:
        assert not stream.failures


def test_what_was_acknowledged_before_a_kill_is_counted_exactly_once(own_daemon):
    numbers = random.Random(SEED)
    own_daemon.start()
    now = time.time() - 60
    with own_daemon.channel() as channel:
        caller = Packages(channel)
        code = make_type(channel).code
        package_ids = [caller.create(package_type=code).id for _ in range(PACKAGES)]
    streams = [
        Stream(list(make_events(number, package_ids, now))) for number in range(STREAMS)]
    for _ in range(KILLS):
        run_streams(own_daemon, streams, numbers.uniform(*KILL_AFTER_SECONDS))
        own_daemon.start()
    killed_at = sum(len(stream.journal) for stream in streams)
    assert killed_at < STREAMS * EVENTS_PER_STREAM, "the kills came too late to tell anything"
    run_streams(own_daemon, streams)

    verdicts = collections.Counter(
        VERDICT(verdict) for stream in streams for verdict in stream.journal)
    assert set(verdicts) <= {"USAGE_VERDICT_ACCEPTED", "USAGE_VERDICT_DUPLICATE"}, verdicts
    assert sum(verdicts.values()) == STREAMS * EVENTS_PER_STREAM
    # No more than what was on its way at the kills.
    assert verdicts["USAGE_VERDICT_DUPLICATE"] <= KILLS * STREAMS * IN_FLIGHT

    # All of it again, on another run of the daemon, changes nothing.
    own_daemon.restart()
    again = [Stream(stream.events[:500]) for stream in streams]
    run_streams(own_daemon, again)
    assert {v for stream in again for v in stream.journal} == {api.USAGE_VERDICT_DUPLICATE}
    with own_daemon.channel() as channel:
        caller = Packages(channel)
        for package_id in package_ids:
            assert counted_hours(caller, package_id, now) == expected_hours(streams, package_id)
    own_daemon.stop()
