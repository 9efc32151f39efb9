"""Usage of hosting packages: measurements in, figures out."""

import time
from datetime import datetime, timedelta, timezone

import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import (
    NO_PACKAGE, Packages, make_type, scan, timestamp, traffic, unique)
from packd_testing.plans import quota

HOUR, DAY = 3600, 86_400
MEBIBYTE = 1_048_576


def verdicts(answers):
    return [
        pb.UsageVerdict.Name(answer.verdict).removeprefix("USAGE_VERDICT_")
        for answer in answers
    ]


def bandwidth(packages, package, interval, start, end=None, **fields):
    """All buckets as (start, in, out, requests), and the total in the same way."""
    def figures(bucket):
        return (
            bucket.start_time.seconds, bucket.in_bytes, bucket.out_bytes, bucket.requests)

    request = {
        "package_id": package.id, "start_time": timestamp(start),
        "interval": f"BANDWIDTH_INTERVAL_{interval}", **fields}
    if end is not None:
        request["end_time"] = timestamp(end)
    buckets, totals = [], set()
    while True:
        answer = packages.GetPackageBandwidthUsage(**request)
        usage = answer.bandwidth_usage
        assert usage.package_id == package.id
        buckets += [figures(bucket) for bucket in usage.buckets]
        totals.add(figures(usage.total))
        if not answer.next_page_token:
            assert len(totals) == 1
            return buckets, totals.pop()
        request["page_token"] = answer.next_page_token


# MARK: Ingestion


def test_events_are_answered_in_order_each_with_its_id(packages):
    package = packages.create()
    ids = [unique("event") for _ in range(500)]
    answers = packages.ingest(*(traffic(package.id, each, in_bytes=1) for each in ids))
    assert [answer.event_id for answer in answers] == ids
    assert set(verdicts(answers)) == {"ACCEPTED"}
    assert all(not answer.reason and not answer.message for answer in answers)
    usage = packages.GetPackageUsage(package_id=package.id).usage
    assert usage.bandwidth_mb.used == 1


def test_an_event_is_counted_once_however_often_it_comes(packages):
    package = packages.create()
    hour = int(time.time()) // HOUR * HOUR
    event = traffic(package.id, unique("event"), out_bytes=7, requests=1, at=hour)
    other = traffic(package.id, event.event_id, out_bytes=8, requests=1, at=hour)
    first = packages.ingest(event, event, other, event)
    assert verdicts(first) == ["ACCEPTED", "DUPLICATE", "CONFLICT", "DUPLICATE"]
    assert verdicts(packages.ingest(event, other)) == ["DUPLICATE", "CONFLICT"]
    _, total = bandwidth(packages, package, "HOUR", hour)
    assert total == (hour, 0, 7, 1)


def test_an_id_is_unique_within_the_account_and_not_beyond(packages, called_as):
    event_id = unique("event")
    stranger = called_as(account=unique("account"))
    one, other, foreign = packages.create(), packages.create(), stranger.create()
    assert verdicts(packages.ingest(traffic(one.id, event_id, in_bytes=1))) == ["ACCEPTED"]
    assert verdicts(packages.ingest(traffic(other.id, event_id, in_bytes=1))) == ["CONFLICT"]
    assert verdicts(stranger.ingest(traffic(foreign.id, event_id, in_bytes=1))) == ["ACCEPTED"]


def test_what_is_too_old_is_late_and_what_is_just_in_time_is_not(packages):
    package = packages.create()
    now = time.time()
    answers = packages.ingest(
        traffic(package.id, unique("event"), at=now - 35 * DAY - 60, in_bytes=1),
        traffic(package.id, unique("event"), at=now - 35 * DAY + 60, in_bytes=1),
        traffic(package.id, unique("event"), at=now + 240, in_bytes=1))
    assert verdicts(answers) == ["LATE", "ACCEPTED", "ACCEPTED"]


def without(field):
    """Makes an event without one of its fields."""
    def make(package_id):
        event = traffic(package_id, unique("event"), in_bytes=1)
        event.ClearField(field)
        return event
    return make


BAD_EVENTS = {
    "no id": (without("event_id"), "INVALID_FIELDS", "event_id"),
    "long id": (
        lambda package_id: traffic(package_id, "x" * 129), "INVALID_FIELDS", "event_id"),
    "id of two lines": (
        lambda package_id: traffic(package_id, "a\nb"), "INVALID_FIELDS", "event_id"),
    "no time": (without("observed_time"), "INVALID_FIELDS", "observed_time"),
    "far ahead": (
        lambda package_id: traffic(package_id, unique("event"), at=time.time() + 600),
        "INVALID_FIELDS", "observed_time"),
    "no measurement": (without("bandwidth_delta"), "INVALID_FIELDS", "bandwidth_delta"),
    "negative bytes": (
        lambda package_id: traffic(package_id, unique("event"), in_bytes=-1), "INVALID_FIELDS",
        "in_bytes"),
    "negative requests": (
        lambda package_id: traffic(package_id, unique("event"), requests=-1),
        "INVALID_FIELDS", "requests"),
    "no package": (without("package_id"), None, ""),
    "unknown package": (
        lambda _: traffic(NO_PACKAGE, unique("event")), "PACKAGE_NOT_FOUND", ""),
    "leading slash": (
        lambda package_id: scan(package_id, unique("event"), {"/a": (1, 1)}, {"": (1, 1)}),
        "INVALID_FIELDS", "path"),
    "trailing slash": (
        lambda package_id: scan(package_id, unique("event"), {"a/": (1, 1)}, {"": (1, 1)}),
        "INVALID_FIELDS", "path"),
    "out of the home": (
        lambda package_id: scan(package_id, unique("event"), {"../a": (1, 1)}, {"": (1, 1)}),
        "INVALID_FIELDS", "path"),
    "long path": (
        lambda package_id: scan(package_id, unique("event"), {"x" * 4097: (1, 1)}, {"": (1, 1)}),
        "INVALID_FIELDS", "path"),
    "type with capitals": (
        lambda package_id: scan(package_id, unique("event"), {"": (1, 1)}, {"HTML": (1, 1)}),
        "INVALID_FIELDS", "file_type"),
    "long type": (
        lambda package_id: scan(package_id, unique("event"), {"": (1, 1)}, {"x" * 33: (1, 1)}),
        "INVALID_FIELDS", "file_type"),
    "sums that differ": (
        lambda package_id: scan(package_id, unique("event"), {"": (2, 1)}, {"": (1, 1)}),
        "INVALID_FIELDS", ""),
    "negative size": (
        lambda package_id: scan(package_id, unique("event"), {"": (-1, 1)}, {"": (-1, 1)}),
        "INVALID_FIELDS", "bytes"),
}


@pytest.mark.parametrize("case", BAD_EVENTS)
def test_a_bad_event_is_rejected_and_the_stream_goes_on(packages, case):
    make, reason, named = BAD_EVENTS[case]
    package = packages.create()
    bad, good = make(package.id), traffic(package.id, unique("event"), in_bytes=1)
    rejected, accepted = packages.ingest(bad, good)
    assert verdicts([rejected, accepted]) == ["REJECTED", "ACCEPTED"]
    # No more of it is repeated than an id can have.
    assert rejected.event_id == bad.event_id[:128]
    assert rejected.reason == (reason or rejected.reason)
    assert rejected.reason
    assert named in rejected.message
    assert rejected.message
    # It was not counted, so its id is free.
    if reason == "PACKAGE_NOT_FOUND":
        retried = traffic(package.id, bad.event_id, in_bytes=1)
        assert verdicts(packages.ingest(retried)) == ["ACCEPTED"]


def test_a_path_or_type_that_comes_twice_is_rejected(packages):
    package = packages.create()
    twice = scan(package.id, unique("event"), {"a": (1, 1)}, {"": (2, 2)})
    twice.disk_scan.directories.append(twice.disk_scan.directories[0])
    types = scan(package.id, unique("event"), {"a": (2, 2)}, {"": (1, 1)})
    types.disk_scan.file_types.append(types.disk_scan.file_types[0])
    answers = packages.ingest(twice, types)
    assert verdicts(answers) == ["REJECTED", "REJECTED"]
    assert {answer.reason for answer in answers} == {"INVALID_FIELDS"}


def test_a_request_without_its_event_is_rejected(packages):
    answer, = packages.stream("IngestUsage", iter([pb.IngestUsageRequest()]))
    assert verdicts([answer]) == ["REJECTED"]
    assert answer.reason == "INVALID_FIELDS"


def test_a_package_of_another_account_is_as_good_as_none(packages, called_as):
    package = packages.create()
    answer, = called_as(account=unique("account")).ingest(
        traffic(package.id, unique("event"), in_bytes=9 * MEBIBYTE))
    assert (verdicts([answer]), answer.reason) == (["REJECTED"], "PACKAGE_NOT_FOUND")
    assert packages.GetPackageUsage(package_id=package.id).usage.bandwidth_mb.used == 0


def test_what_was_answered_is_still_counted_once_after_the_daemon_was_killed(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        packages = Packages(channel)
        package = packages.create()
        hour = int(time.time()) // HOUR * HOUR
        events = [
            traffic(package.id, unique("event"), at=hour, out_bytes=1) for _ in range(200)]
        assert set(verdicts(packages.ingest(*events))) == {"ACCEPTED"}
    own_daemon.kill()
    own_daemon.start()
    with own_daemon.channel() as channel:
        packages = Packages(channel)
        more = traffic(package.id, unique("event"), at=hour, out_bytes=1)
        assert verdicts(packages.ingest(*events, more)) == ["DUPLICATE"] * 200 + ["ACCEPTED"]
        _, total = bandwidth(packages, package, "HOUR", hour)
    assert total == (hour, 0, 201, 0)
    own_daemon.stop()


# MARK: Bandwidth


def test_traffic_is_shown_in_the_bucket_of_its_time_and_gaps_as_zeros(packages):
    package = packages.create()
    now = int(time.time())
    first = (now - 5 * DAY) // DAY * DAY
    events = [
        (first + 10, 1, 10, 100), (first + HOUR - 1, 2, 20, 200), (first + HOUR, 3, 30, 300),
        (first + DAY - 1, 4, 40, 400), (first + 2 * DAY, 5, 50, 500),
    ]
    for at, in_bytes, out_bytes, requests in events:
        packages.ingest(traffic(
            package.id, unique("event"), at=at, in_bytes=in_bytes, out_bytes=out_bytes,
            requests=requests))
    end = first + 3 * DAY

    def expected(width):
        buckets = []
        for start in range(first, end, width):
            inside = [event for event in events if start <= event[0] < start + width]
            buckets.append((start, *(sum(event[n] for event in inside) for n in (1, 2, 3))))
        return buckets

    for interval, width in (("HOUR", HOUR), ("DAY", DAY)):
        # The start is taken back to that of its bucket.
        for page_size in (0, 5, 1000):
            buckets, total = bandwidth(
                packages, package, interval, first + 1, end, page_size=page_size)
            assert buckets == expected(width)
            assert total == (first, 15, 150, 1500)


def test_late_traffic_goes_into_its_own_bucket(packages):
    package = packages.create()
    then = int(time.time()) // HOUR * HOUR - 30 * DAY
    assert verdicts(packages.ingest(
        traffic(package.id, unique("event"), in_bytes=1),
        traffic(package.id, unique("event"), at=then, in_bytes=5))) == ["ACCEPTED"] * 2
    buckets, _ = bandwidth(packages, package, "HOUR", then, then + HOUR)
    assert buckets == [(then, 5, 0, 0)]


def test_months_are_calendar_months_in_utc(packages):
    package = packages.create()
    now = datetime.now(timezone.utc)
    this_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    oldest = now - timedelta(days=35)
    last_second = this_month - timedelta(seconds=1)
    if last_second < oldest + timedelta(minutes=1):
        pytest.skip("the month began more than 35 days ago")
    packages.ingest(
        traffic(package.id, unique("event"), at=last_second.timestamp(), in_bytes=1),
        traffic(package.id, unique("event"), at=this_month.timestamp(), in_bytes=2))
    buckets, total = bandwidth(
        packages, package, "MONTH", last_month.timestamp() + 5 * DAY)
    assert buckets == [
        (int(last_month.timestamp()), 1, 0, 0), (int(this_month.timestamp()), 2, 0, 0)]
    assert total == (int(last_month.timestamp()), 3, 0, 0)
    # GetPackageUsage counts this month alone.
    packages.ingest(
        traffic(package.id, unique("event"), at=last_second.timestamp(), in_bytes=50 * MEBIBYTE))
    assert packages.GetPackageUsage(package_id=package.id).usage.bandwidth_mb.used == 1


def test_a_bad_span_or_interval_is_refused(packages):
    package = packages.create()
    valid = {
        "package_id": package.id, "start_time": timestamp(1_700_000_000),
        "end_time": timestamp(1_700_003_600), "interval": "BANDWIDTH_INTERVAL_HOUR"}
    packages.GetPackageBandwidthUsage(**valid)
    for field, value in (
        ("start_time", None), ("end_time", timestamp(1_700_000_000)),
        ("end_time", timestamp(1_600_000_000)), ("interval", None), ("interval", 99),
    ):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", [field]):
            packages.GetPackageBandwidthUsage(**{**valid, field: value})


def test_a_page_token_belongs_to_its_span(packages):
    package, other = packages.create(), packages.create()
    query = {
        "package_id": package.id, "start_time": timestamp(1_700_000_000),
        "end_time": timestamp(1_700_360_000), "interval": "BANDWIDTH_INTERVAL_HOUR"}
    token = packages.GetPackageBandwidthUsage(page_size=1, **query).next_page_token
    assert token
    for field, value in (
        ("package_id", other.id), ("start_time", timestamp(1_700_003_600)),
        ("end_time", timestamp(1_700_350_000)), ("interval", "BANDWIDTH_INTERVAL_DAY"),
    ):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
            packages.GetPackageBandwidthUsage(page_token=token, **{**query, field: value})


# MARK: Disk


DIRECTORIES = {
    "": (10, 1), "public_html": (100, 2), "public_html/a": (1000, 3),
    "public_html/a/deep/er": (10_000, 4), "public_html-old": (5, 1), "mail/cur": (7, 7),
}
FILE_TYPES = {"html": (110, 3), "": (12, 8), "jpg": (11_000, 7)}


def disk(packages, package, depth, **fields):
    answer = packages.GetPackageDiskUsage(package_id=package.id, depth=depth, **fields)
    return answer.disk_usage, answer.next_page_token


def test_a_scan_is_shown_by_directory_with_all_below_and_by_file_type(packages):
    package = packages.create()
    at = int(time.time()) - 60
    packages.ingest(scan(package.id, unique("event"), DIRECTORIES, FILE_TYPES, at=at))
    sums = {
        "": (11_122, 18), "mail": (7, 7), "mail/cur": (7, 7), "public_html": (11_100, 9),
        "public_html-old": (5, 1), "public_html/a": (11_000, 7),
        "public_html/a/deep": (10_000, 4), "public_html/a/deep/er": (10_000, 4),
    }
    for depth in (0, 1, 2, 3, 4, 64):
        usage, token = disk(packages, package, depth)
        assert not token
        assert (usage.package_id, usage.scan_time.seconds) == (package.id, at)
        assert (usage.total_bytes, usage.total_files) == (11_122, 18)
        expected = [
            (path, *figures) for path, figures in sorted(sums.items())
            if (path.count("/") + 1 if path else 0) <= depth
        ]
        assert [(each.path, each.bytes, each.files) for each in usage.directories] == expected
        assert [(each.file_type, each.bytes, each.files) for each in usage.file_types] == [
            ("jpg", 11_000, 7), ("html", 110, 3), ("", 12, 8)]

    pages, fields = [], {}
    while True:
        usage, token = disk(packages, package, 64, page_size=3, **fields)
        assert usage.total_bytes == 11_122
        pages.append([each.path for each in usage.directories])
        if not token:
            break
        fields["page_token"] = token
    assert [len(page) for page in pages] == [3, 3, 2]
    assert sum(pages, []) == sorted(sums)


def test_a_newer_scan_replaces_the_last_and_an_older_one_does_not(packages):
    package = packages.create()
    now = int(time.time())

    def send(size, at):
        assert verdicts(packages.ingest(
            scan(package.id, unique("event"), {"a": (size, 1)}, {"": (size, 1)}, at=at))) == [
                "ACCEPTED"]
        return disk(packages, package, 1)[0].total_bytes

    assert send(1, now - 100) == 1
    assert send(2, now - 200) == 1
    assert send(3, now - 50) == 3


def test_a_page_of_a_scan_is_invalid_once_another_has_replaced_it(packages):
    package = packages.create()
    now = int(time.time())
    packages.ingest(scan(package.id, unique("event"), DIRECTORIES, FILE_TYPES, at=now - 100))
    _, token = disk(packages, package, 64, page_size=1)
    disk(packages, package, 64, page_size=1, page_token=token)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        disk(packages, package, 63, page_token=token)
    packages.ingest(scan(package.id, unique("event"), DIRECTORIES, FILE_TYPES, at=now - 50))
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        disk(packages, package, 64, page_token=token)


def test_before_the_first_scan_there_is_none(packages):
    package = packages.create()
    with refused("NOT_FOUND", "SCAN_NOT_FOUND"):
        disk(packages, package, 1)
    packages.ingest(traffic(package.id, unique("event"), in_bytes=1))
    with refused("NOT_FOUND", "SCAN_NOT_FOUND"):
        disk(packages, package, 1)


def test_an_empty_home_can_be_scanned(packages):
    package = packages.create()
    assert verdicts(packages.ingest(scan(package.id, unique("event"), {}, {}))) == ["ACCEPTED"]
    usage, _ = disk(packages, package, 1)
    assert (usage.total_bytes, usage.total_files) == (0, 0)
    assert [each.path for each in usage.directories] in ([], [""])


def test_a_bad_depth_is_refused(packages):
    package = packages.create()
    packages.ingest(scan(package.id, unique("event"), DIRECTORIES, FILE_TYPES))
    for depth in (-1, 65):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["depth"]):
            disk(packages, package, depth)
    for token in ("no token", "AAAA", "x" * 5000):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
            disk(packages, package, 1, page_token=token)


# MARK: Overuse


def test_a_plan_that_suspends_does_so_when_more_is_used_than_it_allows(packages, daemon):
    with daemon.channel() as channel:
        plan = make_type(
            channel, bandwidth_mb=quota(1), bandwidth_overuse="OVERUSE_ACTION_SUSPEND")
    package = packages.create(package_type=plan.code)
    packages.ingest(traffic(package.id, unique("event"), out_bytes=MEBIBYTE))
    assert packages.get(package.id).status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    packages.ingest(traffic(package.id, unique("event"), out_bytes=1))
    suspended = packages.get(package.id)
    assert suspended.status == pb.HOSTING_PACKAGE_STATUS_SUSPENDED
    suspension, = suspended.suspensions
    assert suspension.kind == pb.SUSPENSION_KIND_OVERUSE
    assert "bandwidth_mb" in suspension.reason


def test_a_plan_that_notifies_does_nothing_else(packages, daemon):
    with daemon.channel() as channel:
        plan = make_type(
            channel, bandwidth_mb=quota(1), bandwidth_overuse="OVERUSE_ACTION_NOTIFY")
    package = packages.create(package_type=plan.code)
    packages.ingest(traffic(package.id, unique("event"), out_bytes=9 * MEBIBYTE))
    assert packages.get(package.id).status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    packages.attach(package, "BACKUP", "nightly")
