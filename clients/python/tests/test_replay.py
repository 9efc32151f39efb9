"""request_id: a retry gets the first answer again."""

import threading
import uuid

from packd_testing.errors import refused
from packd_testing.plans import Catalogue, make_plan
from packd_testing.tokens import make_token

REPLAYED = "packd-replayed"


def new_id():
    return str(uuid.uuid4())


def retry_twice(admin, method, **fields):
    """Sends a request three times: expects the same bytes, and the later ones marked."""
    first, first_metadata = admin.raw(method, **fields)
    assert REPLAYED not in first_metadata
    for _ in range(2):
        again, metadata = admin.raw(method, **fields)
        assert again == first
        assert metadata.get(REPLAYED) == "true"
    return first


def test_a_create_that_is_retried_makes_one_plan(admin):
    retry_twice(admin, "CreatePlan", plan=make_plan("Retried"), request_id=new_id())
    assert [p.code for p in admin.all_pages() if p.name == "Retried"] == ["retried"]


def test_an_update_that_is_retried_makes_one_version(admin):
    plan = admin.CreatePlan(plan=make_plan("Update Me")).plan
    change = make_plan("Update Me", id=plan.id, etag=plan.etag, description="second")
    retry_twice(admin, "UpdatePlan", plan=change, request_id=new_id())
    assert admin.GetPlan(id=plan.id).plan.version == 2


def test_a_delete_that_is_retried_is_ok(admin):
    plan = admin.CreatePlan(plan=make_plan("Delete Me")).plan
    retry_twice(admin, "DeletePlan", id=plan.id, etag=plan.etag, request_id=new_id())


def test_the_first_answer_comes_back_even_when_the_plan_has_changed_since(admin):
    request = {"plan": make_plan("Moves On"), "request_id": new_id()}
    first, _ = admin.raw("CreatePlan", **request)
    plan = admin.GetPlan(code="moves-on").plan
    admin.UpdatePlan(plan=make_plan("Moved On", id=plan.id))
    admin.DeletePlan(id=plan.id)
    again, metadata = admin.raw("CreatePlan", **request)
    assert again == first
    assert metadata[REPLAYED] == "true"


def test_an_id_with_another_body_is_a_mismatch(admin):
    request_id = new_id()
    admin.CreatePlan(plan=make_plan("First Body"), request_id=request_id)
    with refused("INVALID_ARGUMENT", "IDEMPOTENCY_MISMATCH"):
        admin.CreatePlan(plan=make_plan("Second Body"), request_id=request_id)
    assert "second-body" not in {plan.code for plan in admin.all_pages()}


def test_an_id_belongs_to_its_caller(admin, daemon):
    request_id = new_id()
    admin.CreatePlan(plan=make_plan("Caller One"), request_id=request_id)
    with daemon.channel() as channel:
        other = Catalogue(channel, make_token(sub="user-2"))
        answer, metadata = other.raw(
            "CreatePlan", plan=make_plan("Caller Two"), request_id=request_id)
    assert REPLAYED not in metadata
    assert b"caller-two" in answer


def test_without_an_id_nothing_is_replayed(admin):
    admin.CreatePlan(plan=make_plan("No Id"))
    with refused("ALREADY_EXISTS", "PLAN_CODE_TAKEN"):
        admin.CreatePlan(plan=make_plan("No Id"))


def test_callers_who_race_with_one_id_get_one_answer(daemon):
    callers = 16
    request = {"plan": make_plan("Raced Id"), "request_id": new_id()}
    answers = []

    def create():
        with daemon.channel() as channel:
            answers.append(Catalogue(channel).raw("CreatePlan", **request))

    threads = [threading.Thread(target=create) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == callers
    assert len({answer for answer, _ in answers}) == 1
    assert sum(REPLAYED not in metadata for _, metadata in answers) == 1
