"""CatalogueService: each method does what the contract says."""

import threading

import pytest
from google.protobuf import field_mask_pb2
from packd.v1 import catalogue_service_pb2 as catalogue
from packd_testing.errors import refused
from packd_testing.plans import SEEDED_CODES, Catalogue, make_plan, money, quota

SERVER_FIELDS = ("id", "code", "version", "create_time", "update_time", "etag")


def client_fields(plan):
    """A plan without what the server sets."""
    copy = catalogue.Plan()
    copy.CopyFrom(plan)
    for field in SERVER_FIELDS:
        copy.ClearField(field)
    return copy


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def test_an_empty_store_starts_with_the_five_plans(admin):
    plans = admin.ListPlans().plans
    assert {plan.code for plan in plans} == SEEDED_CODES
    kinds = {plan.code: catalogue.PlanKind.Name(plan.kind) for plan in plans}
    assert kinds == {
        "shared-basic": "PLAN_KIND_SHARED",
        "shared-premium": "PLAN_KIND_SHARED",
        "reseller": "PLAN_KIND_RESELLER",
        "vps": "PLAN_KIND_VPS",
        "dedicated": "PLAN_KIND_DEDICATED",
    }
    for plan in plans:
        assert plan.version == 1
        assert plan.is_active
        assert plan.etag
        assert plan.price.units > 0
        assert plan.disk_space_mb.WhichOneof("kind")


def test_a_created_plan_is_what_was_sent_and_can_be_read_by_id_and_by_code(admin):
    sent = make_plan("Blue Plan", description="naïve 𝔘nicode ✓")
    created = admin.CreatePlan(plan=sent).plan
    assert client_fields(created) == sent
    assert created.id > 0
    assert created.code == "blue-plan"
    assert created.version == 1
    assert created.etag
    assert created.create_time.seconds > 1_700_000_000
    assert created.update_time == created.create_time
    assert admin.GetPlan(id=created.id).plan == created
    assert admin.GetPlan(code="blue-plan").plan == created
    assert created in admin.all_pages()


def test_fields_that_the_server_sets_are_ignored_in_a_new_plan(admin):
    sent = make_plan("Own Ideas", id=987_654, version=7, etag="mine", code="own-code")
    sent.create_time.seconds = 1
    created = admin.CreatePlan(plan=sent).plan
    assert created.code == "own-code"
    assert created.id != 987_654
    assert created.version == 1
    assert created.etag != "mine"
    assert created.create_time.seconds > 1


def test_a_plan_without_setup_fee_has_none(admin):
    created = admin.CreatePlan(plan=make_plan("No Fee", setup_fee=None)).plan
    assert not created.HasField("setup_fee")
    assert not admin.GetPlan(id=created.id).plan.HasField("setup_fee")


def test_a_code_that_is_taken_is_already_exists(admin):
    admin.CreatePlan(plan=make_plan("Taken"))
    with refused("ALREADY_EXISTS", "PLAN_CODE_TAKEN") as error:
        admin.CreatePlan(plan=make_plan("Another", code="taken"))
    assert "taken" in error.message


def test_racing_creators_of_one_code_make_one_plan(admin, daemon):
    outcomes = []

    def create():
        with daemon.channel() as channel:
            try:
                outcomes.append(Catalogue(channel).CreatePlan(plan=make_plan("Raced")).plan.id)
            except Exception as error:  # noqa: BLE001, judged below
                outcomes.append(error.code().name)

    threads = [threading.Thread(target=create) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes))[1:] == ["ALREADY_EXISTS"] * 15, outcomes


def test_an_unknown_plan_is_not_found(admin):
    for key in ({"id": 10**12}, {"code": "no-such-plan"}):
        with refused("NOT_FOUND", "PLAN_NOT_FOUND") as error:
            admin.GetPlan(**key)
        assert error.message == "Plan not found"
    with refused("NOT_FOUND", "PLAN_NOT_FOUND"):
        admin.UpdatePlan(plan=make_plan("Nobody", id=10**12))
    with refused("NOT_FOUND", "PLAN_NOT_FOUND"):
        admin.DeletePlan(id=10**12)
    with refused("NOT_FOUND", "PLAN_NOT_FOUND"):
        admin.ListPlanVersions(plan_id=10**12)


def test_an_update_without_mask_replaces_every_field_that_clients_set(admin):
    created = admin.CreatePlan(plan=make_plan("Replace Me")).plan
    replacement = make_plan(
        "Replaced", description="", setup_fee=None, features=[], is_active=False,
        kind=catalogue.PLAN_KIND_VPS, price=money(1), disk_space_mb=quota(1), id=created.id)
    for update_mask in (None, mask("*")):
        updated = admin.UpdatePlan(plan=replacement, update_mask=update_mask).plan
        expected = client_fields(replacement)
        assert client_fields(updated) == expected
        assert admin.GetPlan(id=created.id).plan == updated
    assert updated.code == created.code
    assert updated.create_time == created.create_time
    assert updated.version == 3


def test_an_update_with_mask_writes_the_named_fields_alone(admin):
    created = admin.CreatePlan(plan=make_plan("Masked")).plan
    other = make_plan(
        "Renamed", id=created.id, description="other", price=money(1, currency_code="EUR"),
        setup_fee=None, databases=quota(), features=["other"], is_active=False)
    updated = admin.UpdatePlan(plan=other, update_mask=mask("name", "databases")).plan
    expected = client_fields(created)
    expected.name = "Renamed"
    expected.databases.CopyFrom(quota())
    assert client_fields(updated) == expected
    assert updated.version == created.version + 1
    assert updated.etag != created.etag


def test_an_update_with_mask_can_clear_a_field(admin):
    created = admin.CreatePlan(plan=make_plan("Clear Me")).plan
    empty = catalogue.Plan(id=created.id)
    updated = admin.UpdatePlan(
        plan=empty, update_mask=mask("setup_fee", "features", "description", "is_active")).plan
    assert not updated.HasField("setup_fee")
    assert not updated.features
    assert updated.description == ""
    assert not updated.is_active
    assert updated.price == created.price


def test_an_unknown_path_in_the_mask_is_named(admin):
    created = admin.CreatePlan(plan=make_plan("Bad Mask")).plan
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["update_mask"]) as error:
        admin.UpdatePlan(plan=created, update_mask=mask("name", "colour"))
    assert "colour" in error.violations["update_mask"]
    assert admin.GetPlan(id=created.id).plan == created


def test_a_stale_etag_is_aborted_and_nothing_is_written(admin):
    created = admin.CreatePlan(plan=make_plan("Guarded")).plan
    second = admin.UpdatePlan(plan=make_plan("Guarded 2", id=created.id, etag=created.etag)).plan
    with refused("ABORTED", "ETAG_MISMATCH"):
        admin.UpdatePlan(plan=make_plan("Guarded 3", id=created.id, etag=created.etag))
    with refused("ABORTED", "ETAG_MISMATCH"):
        admin.DeletePlan(id=created.id, etag=created.etag)
    assert admin.GetPlan(id=created.id).plan == second
    admin.DeletePlan(id=created.id, etag=second.etag)


def test_of_racing_updates_with_one_etag_one_wins(admin, daemon):
    created = admin.CreatePlan(plan=make_plan("Etag Race")).plan
    outcomes = []

    def update(number):
        with daemon.channel() as channel:
            plan = make_plan(f"Etag Race {number}", id=created.id, etag=created.etag)
            try:
                Catalogue(channel).UpdatePlan(plan=plan)
                outcomes.append("OK")
            except Exception as error:  # noqa: BLE001, judged below
                outcomes.append(error.code().name)

    threads = [threading.Thread(target=update, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ABORTED"] * 15 + ["OK"]
    assert admin.GetPlan(id=created.id).plan.version == 2


def test_every_version_is_kept_and_listed_newest_first(admin):
    versions = [admin.CreatePlan(plan=make_plan("Version 1")).plan]
    plan_id = versions[0].id
    for number in range(2, 8):
        plan = make_plan(f"Version {number}", id=plan_id, price=money(number))
        versions.append(admin.UpdatePlan(plan=plan).plan)
    assert [plan.version for plan in versions] == list(range(1, 8))
    for plan in versions:
        assert admin.GetPlan(id=plan_id, version=plan.version).plan == plan
        assert admin.GetPlan(code="version-1", version=plan.version).plan == plan
    assert admin.GetPlan(id=plan_id).plan == versions[-1]
    with refused("NOT_FOUND"):
        admin.GetPlan(id=plan_id, version=8)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["version"]):
        admin.GetPlan(id=plan_id, version=-1)

    newest_first = versions[::-1]
    assert list(admin.ListPlanVersions(plan_id=plan_id).plans) == newest_first
    for page_size in (1, 3, 7):
        pages = admin.all_pages("ListPlanVersions", plan_id=plan_id, page_size=page_size)
        assert pages == newest_first


def test_only_active_plans_are_listed_as_such(admin):
    on = admin.CreatePlan(plan=make_plan("Switched On")).plan
    off = admin.CreatePlan(plan=make_plan("Switched Off", is_active=False)).plan
    for listed in (
        admin.all_pages("ListActivePlans"), admin.all_pages("ListPlans", active_only=True),
    ):
        assert on in listed
        assert off not in listed
    assert off in admin.all_pages("ListPlans")


def test_a_deleted_plan_is_gone(admin):
    created = admin.CreatePlan(plan=make_plan("Short Life")).plan
    admin.DeletePlan(id=created.id)
    with refused("NOT_FOUND", "PLAN_NOT_FOUND"):
        admin.GetPlan(id=created.id)
    with refused("NOT_FOUND", "PLAN_NOT_FOUND"):
        admin.DeletePlan(id=created.id)
    assert "short-life" not in {plan.code for plan in admin.all_pages()}
    again = admin.CreatePlan(plan=make_plan("Short Life")).plan
    assert again.code == "short-life"
    assert again.id != created.id


def test_validate_only_answers_as_if_done_and_writes_nothing(admin):
    before = admin.all_pages()
    would_be = admin.CreatePlan(plan=make_plan("Only Asked"), validate_only=True).plan
    assert would_be.code == "only-asked"
    assert would_be.version == 1
    assert admin.all_pages() == before

    plan = before[0]
    would_be = admin.UpdatePlan(plan=make_plan("Asked Too", id=plan.id), validate_only=True).plan
    assert would_be.name == "Asked Too"
    assert would_be.version == plan.version + 1
    admin.DeletePlan(id=plan.id, etag=plan.etag, validate_only=True)
    assert admin.all_pages() == before


def test_validate_only_makes_the_same_checks(admin):
    plan = admin.CreatePlan(plan=make_plan("Checked")).plan
    with refused("ALREADY_EXISTS", "PLAN_CODE_TAKEN"):
        admin.CreatePlan(plan=make_plan("Checked"), validate_only=True)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["plan.name"]):
        admin.CreatePlan(plan=make_plan(""), validate_only=True)
    with refused("ABORTED", "ETAG_MISMATCH"):
        admin.UpdatePlan(plan=make_plan("C", id=plan.id, etag="stale"), validate_only=True)
    with refused("ABORTED", "ETAG_MISMATCH"):
        admin.DeletePlan(id=plan.id, etag="stale", validate_only=True)
    with refused("NOT_FOUND", "PLAN_NOT_FOUND"):
        admin.DeletePlan(id=10**12, validate_only=True)


@pytest.mark.parametrize("units", [0, 1, 2**53 + 1, 2**63 - 1])
def test_amounts_and_limits_keep_every_digit(admin, units):
    plan = make_plan(
        f"Digits {units}", price=money(units, 999_999_999), disk_space_mb=quota(units))
    created = admin.CreatePlan(plan=plan).plan
    assert client_fields(admin.GetPlan(id=created.id).plan) == plan
