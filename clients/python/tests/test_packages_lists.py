"""Lists of hosting packages and of their types."""

import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import make_type, unique

STATUSES = {
    "active": "HOSTING_PACKAGE_STATUS_ACTIVE",
    "suspended": "HOSTING_PACKAGE_STATUS_SUSPENDED",
    "deleted": "HOSTING_PACKAGE_STATUS_DELETED",
}


@pytest.fixture(scope="module")
def everything(called_as):
    """An account with 40 packages of every sort, and who may list it; oldest first."""
    owner = called_as(account=unique("account"))
    made = []
    for number in range(40):
        package = owner.create(
            domain_name=f"{unique('Blue' if number % 3 else 'RED')}.example",
            extra_domain_names=[f"{unique('green')}.test"] if number % 4 == 0 else [],
            package_type=("shared-basic", "vps")[number % 2],
            stack_users=["user-a"] if number % 5 == 0 else [])
        if number % 4 == 1:
            owner.SuspendPackage(id=package.id, kind="SUSPENSION_KIND_BILLING")
        if number % 7 == 0:
            owner.DeletePackage(id=package.id)
        made.append(owner.get(package.id))
    return owner, made


def chosen(made, status=None, package_type="", domain_contains="", stack_user="",
           show_deleted=False):
    """What a list must hold."""
    return [
        package for package in reversed(made)
        if (show_deleted or package.status != pb.HOSTING_PACKAGE_STATUS_DELETED)
        and (status is None or package.status == pb.HostingPackageStatus.Value(status))
        and package_type in ("", package.package_type)
        and any(
            domain_contains.lower() in domain
            for domain in (package.domain_name, *package.extra_domain_names))
        and (not stack_user or stack_user in package.stack_users)
    ]


FILTERS = [
    {},
    {"show_deleted": True},
    {"status": STATUSES["active"]},
    {"status": STATUSES["suspended"]},
    {"status": STATUSES["suspended"], "show_deleted": True},
    {"status": STATUSES["deleted"], "show_deleted": True},
    {"package_type": "vps"},
    {"package_type": "no-such-type"},
    {"domain_contains": "red"},
    {"domain_contains": "RED-"},
    {"domain_contains": ".TEST"},
    {"domain_contains": "nowhere"},
    {"stack_user": "user-a"},
    {"stack_user": "user-b"},
    {"stack_user": "user-a", "package_type": "vps", "domain_contains": "blue",
     "show_deleted": True},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_every_package_is_listed_once_newest_first(everything, filters):
    owner, made = everything
    expected = chosen(made, **filters)
    for page_size in (0, 1, 7, len(expected) or 1, 1000, 100_000):
        assert owner.all_pages(
            "ListPackages", "hosting_packages", page_size=page_size, **filters) == expected


def test_a_page_has_at_most_as_many_packages_as_were_asked_for(everything):
    owner, made = everything
    page = owner.ListPackages(page_size=7)
    assert len(page.hosting_packages) == 7
    assert page.next_page_token
    default = owner.ListPackages(show_deleted=True)
    assert len(default.hosting_packages) == len(made)
    assert not default.next_page_token


def test_a_stack_user_lists_their_own_alone_whatever_the_filter(everything, called_as):
    owner, made = everything
    account = made[0].account_id
    stack_user = called_as("StackUser", sub="user-a", account=account)
    expected = chosen(made, stack_user="user-a")
    assert expected
    assert stack_user.all_pages("ListPackages", "hosting_packages", page_size=2) == expected
    deleted = chosen(made, stack_user="user-a", show_deleted=True)
    assert stack_user.all_pages(
        "ListPackages", "hosting_packages", show_deleted=True) == deleted


def test_a_page_token_belongs_to_its_query_and_account(everything, called_as):
    owner, made = everything
    token = owner.ListPackages(page_size=3).next_page_token
    for filters in (
        {"show_deleted": True}, {"package_type": "vps"}, {"domain_contains": "x"},
        {"stack_user": "user-a"}, {"status": STATUSES["active"]},
    ):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
            owner.ListPackages(page_token=token, **filters)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        called_as(account=unique("account")).ListPackages(page_token=token)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        owner.ListPackageTypes(page_token=token)
    # The size of a page is free.
    rest = owner.ListPackages(page_token=token, page_size=1000).hosting_packages
    assert list(rest) == chosen(made)[3:]


def test_a_list_is_stable_while_packages_come_and_go(called_as):
    owner = called_as(account=unique("account"))
    made = [owner.create() for _ in range(9)]
    page = owner.ListPackages(page_size=3)
    owner.create()
    owner.DeletePackage(id=made[0].id)
    rest = owner.all_pages(
        "ListPackages", "hosting_packages", page_size=3, page_token=page.next_page_token)
    seen = [package.id for package in [*page.hosting_packages, *rest]]
    assert seen == [package.id for package in reversed(made[1:])]


def test_types_are_the_active_plans_at_their_current_version(packages, admin, daemon):
    with daemon.channel() as channel:
        on, off = make_type(channel), make_type(channel, is_active=False)
    on.description = "second"
    on = admin.UpdatePlan(plan=on).plan
    types = packages.all_pages("ListPackageTypes", "package_types")
    assert types == admin.all_pages("ListActivePlans")
    assert on in types
    assert off.code not in {plan.code for plan in types}
    assert [plan.id for plan in types] == sorted(plan.id for plan in types)
    one_by_one = packages.all_pages("ListPackageTypes", "package_types", page_size=1)
    assert one_by_one == types


def test_stack_users_may_see_the_types(called_as, packages):
    stack_user = called_as("StackUser", sub=unique("stack-user"))
    assert stack_user.ListPackageTypes() == packages.ListPackageTypes()
