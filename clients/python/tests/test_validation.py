"""Requests that are not valid: every bad field is named, all of them at once."""

import pytest
from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1 import types_pb2 as types
from packd_testing.errors import refused
from packd_testing.plans import make_plan, money, quota

# Changes to a valid plan, and the fields that are bad then.
BAD_PLANS = {
    "no name": ({"name": ""}, ["plan.name"]),
    "long name": ({"name": "x" * 121}, ["plan.name"]),
    "long description": ({"description": "x" * 2001}, ["plan.description"]),
    "no kind": ({"kind": 0}, ["plan.kind"]),
    "unknown kind": ({"kind": 99}, ["plan.kind"]),
    "code with capitals": ({"code": "Capital"}, ["plan.code"]),
    "long code": ({"code": "x" * 65}, ["plan.code"]),
    "no disk space": ({"disk_space_mb": None}, ["plan.disk_space_mb"]),
    "empty quota": ({"bandwidth_mb": types.Quota()}, ["plan.bandwidth_mb"]),
    "negative quota": ({"email_accounts": quota(-1)}, ["plan.email_accounts.limit"]),
    "unlimited: false": (
        {"databases": types.Quota(unlimited=False)}, ["plan.databases.unlimited"]),
    "no price": ({"price": None}, ["plan.price"]),
    "no currency": (
        {"price": money(1, currency_code=""), "setup_fee": None}, ["plan.price.currency_code"]),
    "bad currency": (
        {"price": money(1, currency_code="usd"), "setup_fee": None},
        ["plan.price.currency_code"]),
    "fee in another currency": (
        {"setup_fee": money(1, currency_code="EUR")}, ["plan.setup_fee.currency_code"]),
    "empty feature": ({"features": ["good", ""]}, ["plan.features"]),
    "long feature": ({"features": ["x" * 201]}, ["plan.features"]),
    "65 features": ({"features": ["x"] * 65}, ["plan.features"]),
}


def strip_index(fields):
    """Field paths without list indexes: plan.features[1] is plan.features."""
    return {field.split("[")[0] for field in fields}


@pytest.mark.parametrize("case", BAD_PLANS)
def test_a_bad_plan_is_refused_by_name_of_its_field(admin, case):
    changes, fields = BAD_PLANS[case]
    name = changes.get("name", "Bad Plan")
    plan = make_plan(name, **{k: v for k, v in changes.items() if k != "name"})
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        admin.CreatePlan(plan=plan)
    assert strip_index(error.violations) == set(fields), error.violations
    assert all(error.violations.values())

    if "code" not in changes:
        target = admin.GetPlan(code="vps").plan
        plan.id = target.id
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
            admin.UpdatePlan(plan=plan)
        assert strip_index(error.violations) == set(fields), error.violations
        assert admin.GetPlan(code="vps").plan == target


@pytest.mark.parametrize(
    "price",
    [money(-1), money(0, -1), money(1, -1), money(-1, 1), money(1, 1_000_000_000)],
    ids=["negative", "negative nanos", "mixed signs", "mixed signs 2", "too many nanos"],
)
def test_a_bad_amount_is_refused(admin, price):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        admin.CreatePlan(plan=make_plan("Bad Amount", price=price, setup_fee=None))
    assert error.violations
    assert all(field.startswith("plan.price") for field in error.violations), error.violations


def test_all_bad_fields_are_named_at_once(admin):
    plan = catalogue.Plan(
        name="x" * 121, description="x" * 2001, price=money(1, currency_code="?"),
        features=["x" * 201])
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        admin.CreatePlan(plan=plan, request_id="x" * 129)
    assert strip_index(error.violations) == {
        "plan.name", "plan.description", "plan.kind", "plan.disk_space_mb", "plan.bandwidth_mb",
        "plan.email_accounts", "plan.databases", "plan.price.currency_code", "plan.features",
        "request_id",
    }


def test_texts_at_their_longest_are_valid(admin):
    # Characters are counted, not bytes.
    plan = make_plan(
        "ü" * 120, code="longest", description="語" * 2000, features=["é" * 200] * 64)
    created = admin.CreatePlan(plan=plan, request_id="r" * 128).plan
    assert created.name == plan.name
    assert created.description == plan.description
    assert created.features == plan.features


def test_a_request_without_its_plan_is_refused(admin):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["plan"]):
        admin.CreatePlan()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["plan"]):
        admin.UpdatePlan()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["plan"]):
        admin.GetPlan()


def test_a_bad_request_id_is_refused(admin):
    for request_id in ("x" * 129, "line\nbreak", "\x00"):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["request_id"]):
            admin.CreatePlan(plan=make_plan("Bad Request Id"), request_id=request_id)


@pytest.mark.parametrize("method", ["ListPlans", "ListActivePlans", "ListPlanVersions"])
def test_a_bad_page_is_refused(admin, method):
    call = getattr(admin, method)
    which = {"plan_id": 1} if method == "ListPlanVersions" else {}
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_size"]):
        call(page_size=-1, **which)
    for token in ("no token", "AAAA", "é", "x" * 5000):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
            call(page_token=token, **which)


@pytest.mark.parametrize("method", ["ListPlans", "ListActivePlans"])
def test_a_bad_order_or_filter_is_refused(admin, method):
    call = getattr(admin, method)
    for order in ("colour", "id desc", "ID", "name,price"):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["order_by"]):
            call(order_by=order)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["kind"]):
        call(kind=99)


def test_bad_arguments_of_a_list_are_named_at_once(admin):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_size", "order_by"]):
        admin.ListPlans(page_size=-5, order_by="colour")
