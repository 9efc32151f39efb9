"""Calls that end before their write does: each ends for its caller, and what it wrote is there
whole or not at all."""

import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from packd.v1 import catalogue_service_pb2 as catalogue
from packd_testing.plans import SEEDED_CODES, Catalogue, make_plan

sys.path.insert(0, str(Path(__file__).with_name("wire")))
from connection import Connection, message  # noqa: E402

CREATE_PLAN = "/packd.v1.CatalogueService/CreatePlan"
OK, DEADLINE_EXCEEDED = 0, 4
SEED = 5
STREAMS = 90


def create(code):
    """A request that takes the store some time."""
    plan = make_plan(
        f"Plan {code}", code=code, description="d" * 2000,
        features=[f"{index} ".ljust(200, "f") for index in range(64)])
    return catalogue.CreatePlanRequest(plan=plan, request_id=f"create {code}")


def send(connection, code, **headers):
    stream = connection.start(path=CREATE_PLAN, **headers)
    connection.send_body(stream, message(create(code).SerializeToString()))
    return stream


def expect_whole(daemon, acknowledged, possible):
    """Expects each acknowledged plan to be there, no others than possible, and beside each its
    one version and its one audit record; then that every request, sent again, succeeds, and has
    made one plan."""
    with daemon.channel() as channel:
        admin = Catalogue(channel)
        plans = {plan.code: plan for plan in admin.all_pages(page_size=1000)}
        made = set(plans) - SEEDED_CODES
        assert acknowledged <= made <= possible
        for code in made:
            assert list(admin.ListPlanVersions(plan_id=plans[code].id).plans) == [plans[code]]
        for code in possible:
            request = create(code)
            answer = admin.CreatePlan(plan=request.plan, request_id=request.request_id).plan
            assert answer == plans.get(code, answer)
        assert {plan.code for plan in admin.all_pages(page_size=1000)} == SEEDED_CODES | possible
    daemon.stop()
    with closing(sqlite3.connect(daemon.folder / "packd.db")) as database:
        audited = database.execute(
            "select count(*), count(distinct resource) from audit_records where method = ?",
            [CREATE_PLAN]).fetchone()
        assert audited == (len(possible), len(possible))
    # And the store is sound.
    daemon.start()
    daemon.stop()


def test_a_deadline_ends_a_call_whose_write_waits(own_daemon):
    own_daemon.start()
    choose = random.Random(SEED)
    acknowledged, possible, exceeded = set(), set(), 0
    for turn in range(5):
        with Connection(own_daemon.port) as connection:
            connection.call()
            codes = {}
            for number in range(STREAMS):
                code = f"deadline-{turn}-{number}"
                timeout = f"{choose.randrange(300, 20_000)}u"
                codes[send(connection, code, grpc_timeout=timeout)] = code
            for stream, code in codes.items():
                reply = connection.receive(stream)
                assert reply.grpc_status in (OK, DEADLINE_EXCEEDED), reply
                possible.add(code)
                if reply.grpc_status == OK:
                    acknowledged.add(code)
                else:
                    exceeded += 1
                    assert reply.data == b""
    assert acknowledged, "no call was in time: this has tested nothing"
    assert exceeded, "every call was in time: this has tested nothing"
    expect_whole(own_daemon, acknowledged, possible)


@pytest.mark.parametrize("wait", [0, 0.001, 0.003], ids=["at once", "1 ms", "3 ms"])
def test_a_cancelled_call_leaves_nothing_by_halves(own_daemon, wait):
    own_daemon.start()
    possible = set()
    for turn in range(3):
        with Connection(own_daemon.port) as connection:
            connection.call()
            streams = []
            for number in range(STREAMS):
                code = f"cancel-{turn}-{number}"
                possible.add(code)
                streams.append(send(connection, code))
            time.sleep(wait)
            for stream in streams:
                connection.h2.reset_stream(stream, 8)
            connection.flush()
            # The connection goes on.
            assert connection.call().grpc_status == OK
    expect_whole(own_daemon, set(), possible)


def test_a_connection_that_is_lost_leaves_nothing_by_halves(own_daemon):
    own_daemon.start()
    possible = set()
    for turn in range(6):
        with Connection(own_daemon.port) as connection:
            connection.call()
            for number in range(30):
                code = f"lost-{turn}-{number}"
                possible.add(code)
                send(connection, code)
    expect_whole(own_daemon, set(), possible)


def test_a_call_ends_by_the_daemons_own_clock(own_daemon):
    own_daemon.start()
    with Connection(own_daemon.port) as connection:
        connection.call()
        began = time.monotonic()
        # The request never ends, and nothing else happens on the connection.
        stream = connection.start(path=CREATE_PLAN, grpc_timeout="300m")
        reply = connection.receive(stream)
        assert reply.grpc_status == DEADLINE_EXCEEDED
        assert 0.25 < time.monotonic() - began < 1
    own_daemon.stop()
