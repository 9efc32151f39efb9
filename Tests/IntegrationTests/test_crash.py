"""kill -9 under load, again and again: what was acknowledged is there, exactly once.

Writers keep a journal outside the daemon. After each kill the daemon is started again on its
file, and the file must say what the journal says.
"""

import asyncio
import random
import time

import grpc
from packd.v1 import catalogue_service_pb2 as catalogue
from packd_testing.daemon import CHANNEL_OPTIONS
from packd_testing.plans import SEEDED_CODES, SERVICE, Catalogue, make_plan
from packd_testing.tokens import bearer, make_token

SEED = 20
CYCLES = 20
CREATORS = 48
UPDATERS = 16
CONNECTIONS = 4
# A kill comes this long after the load has begun.
KILL_AFTER_SECONDS = (0.05, 0.6)
SERVING_WITHIN_SECONDS = 5
# Acknowledged creations of a cycle that are sent again.
REPLAYED_PER_CYCLE = 25


class Journal:
    """What the writers were told, in the order in which they were told."""

    def __init__(self):
        # By code: the request, and the bytes of its answer. Unanswered requests have no bytes.
        self.creations = {}
        self.unanswered = {}
        # By plan id: the plan as it was last acknowledged, and the update that got no answer.
        self.updated = {}
        self.updates_unanswered = {}

    def requests_of_cycle(self, cycle):
        prefix = f"crash-{cycle}-"
        return [entry for code, entry in self.creations.items() if code.startswith(prefix)]


def stub(channel, method):
    """A method that answers with bytes."""
    return channel.unary_unary(
        SERVICE + method, request_serializer=lambda message: message.SerializeToString())


async def create(channel, metadata, journal, cycle, number):
    """Creates plans until the daemon is gone."""
    call = stub(channel, "CreatePlan")
    count = 0
    while True:
        code = f"crash-{cycle}-{number}-{count}"
        count += 1
        request = catalogue.CreatePlanRequest(
            plan=make_plan(f"Plan of {code}", code=code), request_id=f"create {code}")
        try:
            answer = await call(request, metadata=metadata, timeout=10)
        except grpc.aio.AioRpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            journal.unanswered[code] = request
            return
        journal.creations[code] = (request, answer)


async def update(channel, metadata, journal, cycle, plan_id):
    """Updates one plan, each time from the version before, until the daemon is gone."""
    call = stub(channel, "UpdatePlan")
    while True:
        known = journal.updated[plan_id]
        plan = make_plan(
            known.name, id=plan_id, etag=known.etag,
            description=f"version {known.version + 1}")
        request = catalogue.UpdatePlanRequest(
            plan=plan, request_id=f"update {plan_id} of {known.etag} in {cycle}")
        try:
            answer = await call(request, metadata=metadata, timeout=10)
        except grpc.aio.AioRpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            journal.updates_unanswered[plan_id] = request
            return
        journal.updated[plan_id] = catalogue.UpdatePlanResponse.FromString(answer).plan


async def load_until_killed(daemon, journal, cycle, kill_after):
    metadata = bearer(make_token())
    channels = [
        grpc.aio.insecure_channel(daemon.address, options=CHANNEL_OPTIONS)
        for _ in range(CONNECTIONS)
    ]

    async def kill():
        await asyncio.sleep(kill_after)
        daemon.process.kill()

    writers = [
        create(channels[number % CONNECTIONS], metadata, journal, cycle, number)
        for number in range(CREATORS)
    ]
    writers += [
        update(channels[number % CONNECTIONS], metadata, journal, cycle, plan_id)
        for number, plan_id in enumerate(journal.updated)
    ]
    await asyncio.gather(kill(), *writers)
    for channel in channels:
        await channel.close()


def check_creations(admin, journal, cycle):
    """Every acknowledged plan is there, as it was acknowledged; the rest at most once."""
    stored = {}
    for plan in admin.all_pages(page_size=1000):
        assert plan.code not in stored, f"{plan.code} is there twice"
        stored[plan.code] = plan
    for code, (_, answer) in journal.creations.items():
        assert code in stored, f"{code} was acknowledged and is lost"
        assert catalogue.CreatePlanResponse.FromString(answer).plan == stored[code]
    mine = {code for code in stored if code.startswith("crash-")}
    assert mine <= set(journal.creations) | set(journal.unanswered)
    assert len({plan.id for plan in stored.values()}) == len(stored)

    # Sent again, a request is answered as it was, or, unanswered, is done now if it was not.
    acknowledged = journal.requests_of_cycle(cycle)
    for request, answer in random.sample(
        acknowledged, min(REPLAYED_PER_CYCLE, len(acknowledged))
    ):
        again, metadata = admin.raw(
            "CreatePlan", plan=request.plan, request_id=request.request_id)
        assert again == answer
        assert metadata.get("packd-replayed") == "true"
    for code, request in list(journal.unanswered.items()):
        answer, metadata = admin.raw(
            "CreatePlan", plan=request.plan, request_id=request.request_id)
        assert (metadata.get("packd-replayed") == "true") == (code in stored), code
        journal.creations[code] = (request, answer)
        del journal.unanswered[code]


def check_updates(admin, journal):
    """Every plan is at the version that was acknowledged, or at the one that got no answer."""
    for plan_id, known in list(journal.updated.items()):
        stored = admin.GetPlan(id=plan_id).plan
        assert stored.description == f"version {stored.version}"
        request = journal.updates_unanswered.pop(plan_id)
        if stored.version == known.version:
            assert stored == known
        else:
            assert stored.version == known.version + 1
        # Sent again, the unanswered update is done once, whether or not it was done before.
        answer = admin.UpdatePlan(plan=request.plan, request_id=request.request_id).plan
        assert answer.version == known.version + 1
        assert admin.GetPlan(id=plan_id).plan == answer
        newest = admin.ListPlanVersions(plan_id=plan_id, page_size=1000).plans
        assert newest[0] == answer
        expected = range(answer.version, max(answer.version - 1000, 0), -1)
        assert [plan.version for plan in newest] == list(expected)
        journal.updated[plan_id] = answer


def test_kill_9_under_load_loses_nothing_that_was_acknowledged(own_daemon):
    choose = random.Random(SEED)
    random.seed(SEED)
    journal = Journal()
    own_daemon.start()
    with own_daemon.channel() as channel:
        admin = Catalogue(channel)
        for number in range(UPDATERS):
            plan = make_plan(f"Updated {number}", description="version 1")
            plan = admin.CreatePlan(plan=plan).plan
            journal.updated[plan.id] = plan

    slowest_start = 0
    for cycle in range(CYCLES):
        asyncio.run(load_until_killed(
            own_daemon, journal, cycle, choose.uniform(*KILL_AFTER_SECONDS)))
        own_daemon.kill()
        began = time.monotonic()
        own_daemon.start()
        with own_daemon.channel() as channel:
            admin = Catalogue(channel)
            assert admin.GetPlan(code="vps").plan
            slowest_start = max(slowest_start, time.monotonic() - began)
            check_creations(admin, journal, cycle)
            check_updates(admin, journal)
    assert slowest_start < SERVING_WITHIN_SECONDS

    own_daemon.restart()
    with own_daemon.channel() as channel:
        codes = {plan.code for plan in Catalogue(channel).all_pages(page_size=1000)}
    own_daemon.stop()
    assert len(journal.creations) > CYCLES * CREATORS
    assert codes == SEEDED_CODES | set(journal.creations) | {
        f"updated-{number}" for number in range(UPDATERS)
    }
