"""Clients that ask and do not take the answers: what waits for them is bounded, in bytes and in
time."""

import time
from concurrent import futures

import pytest
from connection import GET_VPS, Connection, message, wait_until_closed
from counted import closed, limit_hits
from packd_testing.plans import make_plan
from packd_testing.waiting import wait_for

# A short time, so that the tests need not wait for a long one.
DAEMON_OPTIONS = ["--output-stall-timeout-seconds", "1"]
# 32 MiB of answers may wait, while more are being made; the allocator keeps a part of that. If
# all waited, they would be more than 400 MiB.
MAX_GROWTH_BYTES = 256 * 1024 * 1024


@pytest.fixture(scope="module")
def long_pages(admin):
    """A catalogue whose pages are as long as pages get, 3 MiB."""
    with futures.ThreadPoolExecutor(16) as callers:
        def create(number):
            admin.CreatePlan(plan=make_plan(
                f"Long {number}", description="d" * 2000,
                features=[f"{index} ".ljust(200, "f") for index in range(64)]))

        list(callers.map(create, range(230)))


# ListPlansRequest{page_size: 1000}
LIST_PLANS = "/packd.v1.CatalogueService/ListPlans"
LONG_PAGE = message(b"\x08\xe8\x07")


def ask_for_long_pages(connection, count):
    for stream in [connection.start(path=LIST_PLANS) for _ in range(count)]:
        connection.send_body(stream, LONG_PAGE)


def test_answers_without_a_window_to_go_through_are_bounded(long_pages, beside, daemon, port):
    stalled = closed(daemon, "output_stalled")
    refused = limit_hits(daemon, "too_many_response_bytes")
    with Connection(port, window=0) as connection:
        ask_for_long_pages(connection, 100)
        # 300 MiB of answers; and they do not wait for ever.
        wait_until_closed([connection.socket], 4)
    wait_for(lambda: closed(daemon, "output_stalled") == stalled + 1)
    assert limit_hits(daemon, "too_many_response_bytes") > refused


def test_answers_that_nobody_reads_are_bounded(long_pages, beside, daemon, port):
    stalled = closed(daemon, "output_stalled")
    with Connection(port, window=2**31 - 1) as connection:
        connection.h2.increment_flow_control_window(2**31 - 1 - 65_535)
        connection.flush()
        ask_for_long_pages(connection, 100)
        time.sleep(2.5)
        wait_until_closed([connection.socket], 2)
    wait_for(lambda: closed(daemon, "output_stalled") == stalled + 1)


def test_a_window_that_opens_byte_by_byte_still_gets_its_answer(beside, port):
    with Connection(port, window=0) as connection:
        stream = connection.start()
        connection.send_body(stream, GET_VPS)
        # Slower than a second in all, but never a second without progress.
        for _ in range(6):
            connection.h2.increment_flow_control_window(1, stream)
            connection.flush()
            time.sleep(0.3)
        connection.h2.increment_flow_control_window(10_000, stream)
        connection.flush()
        assert connection.receive(stream).grpc_status == 0
