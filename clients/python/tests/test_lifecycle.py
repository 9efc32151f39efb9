"""The daemon as a program: its start, its end, and what outlives it."""

import asyncio
import subprocess
import time
import uuid

import grpc
import pytest
from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1.catalogue_service_pb2_grpc import CatalogueServiceStub
from packd_testing.daemon import CHANNEL_OPTIONS, EXIT_OK, EXIT_UNAVAILABLE, Daemon
from packd_testing.plans import SEEDED_CODES, Catalogue, make_plan
from packd_testing.tokens import SECRET, bearer, make_token


def test_what_was_written_is_there_after_a_restart(own_daemon):
    own_daemon.start()
    request = {"plan": make_plan("Kept"), "request_id": str(uuid.uuid4())}
    with own_daemon.channel() as channel:
        admin = Catalogue(channel)
        first, _ = admin.raw("CreatePlan", **request)
        kept = admin.GetPlan(code="kept").plan
        admin.UpdatePlan(plan=make_plan("Kept Too", id=kept.id))
        versions = admin.ListPlanVersions(plan_id=kept.id).plans
        plans = admin.all_pages()
        page = admin.ListPlans(page_size=2)
    own_daemon.restart()
    with own_daemon.channel() as channel:
        admin = Catalogue(channel)
        assert admin.all_pages() == plans
        assert admin.ListPlanVersions(plan_id=kept.id).plans == versions
        again, metadata = admin.raw("CreatePlan", **request)
        assert again == first
        assert metadata["packd-replayed"] == "true"
        # A walk that began before goes on.
        rest = admin.all_pages(page_size=2, page_token=page.next_page_token)
        assert list(page.plans) + rest == plans
        fresh = admin.CreatePlan(plan=make_plan("Fresh")).plan
        assert fresh.id > max(plan.id for plan in plans)


def test_a_store_is_seeded_at_its_first_start_alone(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        admin = Catalogue(channel)
        seeded = admin.all_pages()
        assert {plan.code for plan in seeded} == SEEDED_CODES
        admin.DeletePlan(id=admin.GetPlan(code="reseller").plan.id)
        admin.UpdatePlan(plan=make_plan("My VPS", id=admin.GetPlan(code="vps").plan.id))
        plans = admin.all_pages()
    own_daemon.restart()
    with own_daemon.channel() as channel:
        assert Catalogue(channel).all_pages() == plans


def test_a_second_daemon_on_the_same_file_is_refused(own_daemon, tmp_path):
    own_daemon.start()
    second_folder = tmp_path / "second"
    second_folder.mkdir()
    second = Daemon(second_folder, SECRET, store=own_daemon.store)
    second.launch()
    try:
        assert second.process.wait(10) == EXIT_UNAVAILABLE
    except subprocess.TimeoutExpired:
        pytest.fail("a second daemon runs on the same file")
    finally:
        second.kill()
    complaint = second.stderr.strip()
    assert str(own_daemon.process.pid) in complaint, complaint
    assert "packd.db" in complaint
    assert len(complaint.splitlines()) == 1, complaint

    # The first one is none the worse for it, and its file is free when it has ended.
    with own_daemon.channel() as channel:
        Catalogue(channel).CreatePlan(plan=make_plan("Undisturbed"))
    own_daemon.stop()
    second.start()
    with second.channel() as channel:
        assert Catalogue(channel).GetPlan(code="undisturbed").plan
    second.stop()


def test_a_busy_port_is_named(own_daemon, tmp_path):
    own_daemon.start()
    second_folder = tmp_path / "second"
    second_folder.mkdir()
    second = Daemon(second_folder, SECRET)
    second.port = own_daemon.port
    second.launch()
    try:
        assert second.process.wait(10) == EXIT_UNAVAILABLE
    finally:
        second.kill()
    assert str(own_daemon.port) in second.stderr


def test_an_idle_daemon_ends_at_once(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        # An open connection without calls does not hold it up.
        assert Catalogue(channel).GetPlan(code="vps").plan
        began = time.monotonic()
        own_daemon.stop()
        assert time.monotonic() - began < 5


class Journal:
    """What callers under drain saw."""

    def __init__(self):
        self.acknowledged = {}
        self.failed = {}
        self.terminated_at = None

    def started_before_the_end(self, began):
        # What was handed to the client library within the last moment may not have been sent.
        return self.terminated_at is None or began < self.terminated_at - 0.25


async def drain_under_load(daemon, journal, callers=200, connections=10):
    """Callers call until the daemon is gone; it is told to end in the middle."""
    metadata = bearer(make_token())
    channels = [
        grpc.aio.insecure_channel(daemon.address, options=CHANNEL_OPTIONS)
        for _ in range(connections)
    ]

    async def caller(number):
        stub = CatalogueServiceStub(channels[number % connections])
        count = 0
        while True:
            code = f"drain-{number}-{count}"
            count += 1
            began = time.monotonic()
            request = catalogue.CreatePlanRequest(plan=make_plan(code, code=code))
            try:
                await stub.CreatePlan(
                    request, metadata=metadata, timeout=20, wait_for_ready=False)
            except grpc.aio.AioRpcError as error:
                journal.failed[code] = (began, error.code(), error.details())
                return
            journal.acknowledged[code] = began

    async def end():
        await asyncio.sleep(1)
        journal.terminated_at = time.monotonic()
        daemon.terminate()

    await asyncio.gather(end(), *(caller(number) for number in range(callers)))
    for channel in channels:
        await channel.close()


def test_a_drain_under_load_fails_no_call_that_was_accepted(own_daemon):
    own_daemon.start()
    journal = Journal()
    asyncio.run(drain_under_load(own_daemon, journal))
    assert own_daemon.wait() == EXIT_OK, own_daemon.tail()

    # Each caller got answers until there was nobody to call.
    assert len(journal.failed) == 200
    assert len(journal.acknowledged) > 200
    assert {code for _, code, _ in journal.failed.values()} == {grpc.StatusCode.UNAVAILABLE}
    early = [
        failure for failure in journal.failed.values()
        if journal.started_before_the_end(failure[0])
    ]
    assert not early, early[:3]

    # A call that failed was never accepted: it has left nothing.
    own_daemon.start()
    with own_daemon.channel() as channel:
        codes = {plan.code for plan in Catalogue(channel).all_pages(page_size=1000)}
    own_daemon.stop()
    assert codes == SEEDED_CODES | set(journal.acknowledged)
