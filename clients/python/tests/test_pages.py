"""Lists of 2,500 plans, page by page."""

import asyncio
import random

import grpc
import pytest
from packd.v1 import catalogue_service_pb2 as catalogue
from packd.v1.catalogue_service_pb2_grpc import CatalogueServiceStub
from packd_testing.daemon import CHANNEL_OPTIONS
from packd_testing.errors import refused
from packd_testing.plans import Catalogue, make_plan, money
from packd_testing.tokens import bearer, make_token

PLANS = 2500
CALLERS = 64
KINDS = catalogue.PlanKind.values()[1:]
LISTS = ("ListPlans", "ListActivePlans")

# Names of more than one alphabet, some of them shared by many plans.
WORDS = ("Alpha", "alpha", "Zulu", "Äther", "zebra", "Ωmega", "日本", "𝔘", "Alpha 2", "A")


def varied_plan(number, choose):
    plan = make_plan(
        choose.choice(WORDS) + choose.choice(("", " ", f" {number}")),
        code=f"page-{number}",
        kind=choose.choice(KINDS),
        price=money(
            choose.choice((0, 5, 9, 10, 2**40)), choose.choice((0, 1, 990_000_000)),
            choose.choice(("USD", "EUR"))),
        setup_fee=None,
        is_active=choose.random() < 0.7,
    )
    plan.name = plan.name.strip()
    return plan


async def create_all(address, plans):
    """Creates plans with many callers at once."""
    waiting = iter(plans)
    metadata = bearer(make_token())
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        stub = CatalogueServiceStub(channel)

        async def caller():
            for plan in waiting:
                await stub.CreatePlan(
                    catalogue.CreatePlanRequest(plan=plan), metadata=metadata, timeout=30)

        await asyncio.gather(*(caller() for _ in range(CALLERS)))


@pytest.fixture(scope="module")
def everything(daemon, admin):
    """Every plan there is, the 2,500 among them; read one by one from a list by id."""
    choose = random.Random(2500)
    asyncio.run(
        create_all(daemon.address, [varied_plan(number, choose) for number in range(PLANS)]))
    plans = admin.all_pages(page_size=1000)
    assert len(plans) == PLANS + 5
    assert len({plan.id for plan in plans}) == PLANS + 5
    assert {f"page-{number}" for number in range(PLANS)} < {plan.code for plan in plans}
    return plans


ORDERS = {
    "": lambda plan: plan.id,
    "id": lambda plan: plan.id,
    "name": lambda plan: (plan.name.encode(), plan.id),
    "price": lambda plan: (
        plan.price.currency_code, plan.price.units, plan.price.nanos, plan.id),
}


def expected_list(everything, method, order, filters):
    active_only = method == "ListActivePlans" or filters.get("active_only")
    kind = filters.get("kind")
    chosen = [
        plan for plan in everything
        if (plan.is_active or not active_only) and kind in (None, plan.kind)
    ]
    return sorted(chosen, key=ORDERS[order])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("method", "filters"),
    [
        ("ListPlans", {}),
        ("ListPlans", {"active_only": True}),
        ("ListPlans", {"kind": catalogue.PLAN_KIND_VPS}),
        ("ListPlans", {"kind": catalogue.PLAN_KIND_SHARED, "active_only": True}),
        ("ListActivePlans", {}),
        ("ListActivePlans", {"kind": catalogue.PLAN_KIND_DEDICATED}),
    ],
    ids=str,
)
def test_every_plan_is_listed_once_and_in_order(admin, everything, method, filters, order):
    expected = expected_list(everything, method, order, filters)
    assert expected
    # 501 divides 2,505: the last page is full, and has no token all the same.
    for page_size in (501, 97, 1000):
        listed = admin.all_pages(method, page_size=page_size, order_by=order, **filters)
        assert [plan.id for plan in listed] == [plan.id for plan in expected]
    assert listed == expected


def test_no_page_is_empty_and_the_last_one_has_no_token(admin, everything):
    sizes = []
    token = None
    while token != "":
        page = admin.ListPlans(page_size=501, page_token=token)
        sizes.append(len(page.plans))
        token = page.next_page_token
    assert sizes == [501] * 5


@pytest.mark.parametrize(
    ("page_size", "plans"), [(0, 50), (1, 1), (1000, 1000), (1001, 1000), (2**31 - 1, 1000)])
def test_a_page_is_as_long_as_asked_for_up_to_its_bound(admin, everything, page_size, plans):
    for method in LISTS:
        page = getattr(admin, method)(page_size=page_size)
        assert len(page.plans) == plans
        assert page.next_page_token


def test_a_token_goes_on_with_another_page_size(admin, everything):
    expected = sorted(everything, key=ORDERS["name"])
    first = admin.ListPlans(page_size=10, order_by="name")
    second = admin.ListPlans(page_size=20, order_by="name", page_token=first.next_page_token)
    assert list(first.plans) + list(second.plans) == expected[:30]


def test_a_token_can_be_used_again(admin, everything):
    token = admin.ListPlans(page_size=10).next_page_token
    first = admin.ListPlans(page_size=10, page_token=token)
    assert admin.ListPlans(page_size=10, page_token=token) == first


@pytest.mark.parametrize(
    "change",
    [
        {"order_by": "price"},
        {"order_by": "id"},
        {"kind": catalogue.PLAN_KIND_VPS},
        {"kind": 0},
        {"active_only": False},
    ],
    ids=str,
)
def test_a_token_is_bound_to_its_query(admin, everything, change):
    query = {
        "page_size": 10, "order_by": "name", "kind": catalogue.PLAN_KIND_SHARED,
        "active_only": True,
    }
    token = admin.ListPlans(**query).next_page_token
    assert admin.ListPlans(**query, page_token=token).plans
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        admin.ListPlans(**{**query, **change}, page_token=token)


def test_a_token_is_bound_to_its_method_and_plan(admin, everything):
    token = admin.ListPlans(page_size=10).next_page_token
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        admin.ListActivePlans(page_size=10, page_token=token)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        admin.ListPlanVersions(plan_id=1, page_size=10, page_token=token)

    one = admin.CreatePlan(plan=make_plan("Token One")).plan
    two = admin.CreatePlan(plan=make_plan("Token Two")).plan
    for plan in (one, two):
        admin.UpdatePlan(plan=make_plan("Token", id=plan.id))
    token = admin.ListPlanVersions(plan_id=one.id, page_size=1).next_page_token
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        admin.ListPlanVersions(plan_id=two.id, page_size=1, page_token=token)
    for plan in (one, two):
        admin.DeletePlan(id=plan.id)


def test_a_token_that_was_cut_or_changed_is_refused(admin, everything):
    token = admin.ListPlans(page_size=10, order_by="name").next_page_token
    for changed in (token[:-4], token[4:], token + "AAAA", token[::-1]):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
            admin.ListPlans(page_size=10, order_by="name", page_token=changed)


@pytest.mark.parametrize("order", ["id", "name", "price"])
def test_plans_that_come_and_go_disturb_no_walk(admin, daemon, everything, order):
    # Plans are added and deleted between any two pages, before and behind the reader.
    choose = random.Random(order)
    listed = []
    token = ""
    passing = []
    with daemon.channel() as channel:
        writer = Catalogue(channel)
        while True:
            page = admin.ListPlans(page_size=100, order_by=order, page_token=token)
            listed.extend(plan.id for plan in page.plans)
            token = page.next_page_token
            if not token:
                break
            for number in range(3):
                plan = varied_plan(f"{order}-{len(listed)}-{number}", choose)
                passing.append(writer.CreatePlan(plan=plan).plan.id)
            writer.DeletePlan(id=passing.pop(choose.randrange(len(passing))))
        for plan_id in passing:
            writer.DeletePlan(id=plan_id)
    assert len(listed) == len(set(listed))
    stable = [plan.id for plan in sorted(everything, key=ORDERS[order])]
    assert [plan_id for plan_id in listed if plan_id in set(stable)] == stable
