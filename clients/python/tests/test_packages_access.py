"""Who may call what of PackageService, and whose packages they see."""

import grpc
import pytest
from packd_testing.errors import refused
from packd_testing.packages import METHODS, NO_PACKAGE, Packages, make_package, resource, unique
from packd_testing.tokens import ROLES

# Every method that is about one package, and a valid request of it.
OF_ONE_PACKAGE = {
    "GetPackage": lambda package_id: {"id": package_id},
    "UpdatePackage": lambda package_id: {
        "hosting_package": make_package(id=package_id), "update_mask": {"paths": ["name"]}},
    "DeletePackage": lambda package_id: {"id": package_id},
    "UndeletePackage": lambda package_id: {"id": package_id},
    "SuspendPackage": lambda package_id: {"id": package_id, "kind": "SUSPENSION_KIND_ADMIN"},
    "UnsuspendPackage": lambda package_id: {"id": package_id, "all": True},
    "GetPackageWebInfo": lambda package_id: {"package_id": package_id},
    "GetPackageLimits": lambda package_id: {"package_id": package_id},
    "GetPackageUsage": lambda package_id: {"package_id": package_id},
    "GetPackageConfiguration": lambda package_id: {"package_id": package_id},
    "UpdatePackageConfiguration": lambda package_id: {
        "package_id": package_id, "configuration": {"backup_enabled": True},
        "update_mask": {"paths": ["backup_enabled"]}},
    "GetPackageServices": lambda package_id: {"package_id": package_id},
    "GetPackageDiskUsage": lambda package_id: {"package_id": package_id},
    "GetPackageBandwidthUsage": lambda package_id: {
        "package_id": package_id, "start_time": {"seconds": 1_700_000_000},
        "end_time": {"seconds": 1_700_003_600}, "interval": "BANDWIDTH_INTERVAL_HOUR"},
    "ListPackageStackUsers": lambda package_id: {"package_id": package_id},
    "AddPackageStackUser": lambda package_id: {"package_id": package_id, "user_id": "user-9"},
    "RemovePackageStackUser": lambda package_id: {"package_id": package_id, "user_id": "user-9"},
    "ListResources": lambda package_id: {"package_id": package_id},
    "AttachResource": lambda package_id: {
        "package_id": package_id, "resource": resource("BACKUP", "nightly")},
    "DetachResource": lambda package_id: {
        "package_id": package_id, "resource_id": "resource-" + "0" * 26},
}

# The others: those that are about no package or many.
OTHERS = {
    "ListPackages", "CreatePackage", "ListPackageTypes", "VerifyCredentials", "IngestUsage",
    "WatchPackages",
}


def test_the_tables_of_these_tests_name_every_method():
    assert set(OF_ONE_PACKAGE) | OTHERS == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_can_be_called_without_token(daemon, method):
    with daemon.channel() as channel:
        nobody = Packages(channel)
        nobody.metadata = ()
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as error:
            nobody.first_answer(method)
    assert error.message == "Missing or invalid token"


@pytest.mark.parametrize("method", METHODS)
def test_an_expired_token_is_refused(called_as, method):
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        called_as(ttl=-1).first_answer(method)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_its_roles_and_no_other(called_as, method, role):
    # An empty request changes nothing, whoever may send it.
    caller = called_as(role)
    if role not in METHODS[method][2]:
        with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
            caller.first_answer(method)
        return
    try:
        caller.first_answer(method)
    except grpc.RpcError as error:
        assert error.code() in (
            grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND), error


@pytest.mark.parametrize("method", METHODS)
def test_one_role_of_several_is_enough(called_as, method):
    roles = ["Seller", sorted(METHODS[method][2])[0]]
    try:
        called_as(role=None, roles=roles).first_answer(method)
    except grpc.RpcError as error:
        assert error.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)


@pytest.mark.parametrize("method", OF_ONE_PACKAGE)
def test_a_package_that_is_not_there_is_not_found(packages, method):
    with refused("NOT_FOUND", "PACKAGE_NOT_FOUND") as error:
        getattr(packages, method)(**OF_ONE_PACKAGE[method](NO_PACKAGE))
    assert error.message == "Package not found"


@pytest.mark.parametrize("method", OF_ONE_PACKAGE)
def test_a_package_of_another_account_is_not_found(packages, called_as, method):
    package = packages.create()
    stranger = called_as(account="another-account")
    with refused("NOT_FOUND", "PACKAGE_NOT_FOUND") as error:
        getattr(stranger, method)(**OF_ONE_PACKAGE[method](package.id))
    assert error.message == "Package not found"
    assert package.domain_name not in str(error.status)
    assert packages.get(package.id) == package


@pytest.mark.parametrize(
    "method", [method for method in OF_ONE_PACKAGE if "StackUser" in METHODS[method][2]])
def test_a_stack_user_cannot_tell_a_package_of_others_from_none(packages, called_as, method):
    package = packages.create(stack_users=["somebody-else"])
    with refused("NOT_FOUND", "PACKAGE_NOT_FOUND") as others:
        stack_user = called_as("StackUser", sub="stack-user-without")
        getattr(stack_user, method)(**OF_ONE_PACKAGE[method](package.id))
    with refused("NOT_FOUND", "PACKAGE_NOT_FOUND") as none:
        getattr(stack_user, method)(**OF_ONE_PACKAGE[method](NO_PACKAGE))
    text = str(others.status).replace(package.id, NO_PACKAGE)
    assert text == str(none.status)


@pytest.mark.parametrize(
    "method", [method for method in OF_ONE_PACKAGE if "StackUser" in METHODS[method][2]])
def test_a_stack_user_may_call_what_they_may_on_their_own_package(packages, called_as, method):
    package = packages.create(stack_users=["stack-user-with"])
    stack_user = called_as("StackUser", sub="stack-user-with")
    request = OF_ONE_PACKAGE[method](package.id)
    if method == "GetPackageDiskUsage":
        with refused("NOT_FOUND", "SCAN_NOT_FOUND"):
            getattr(stack_user, method)(**request)
    elif method == "DetachResource":
        with refused("NOT_FOUND", "RESOURCE_NOT_FOUND"):
            getattr(stack_user, method)(**request)
    else:
        getattr(stack_user, method)(**request)


def test_a_list_holds_the_packages_of_ones_own_account(called_as):
    accounts = [unique("account"), unique("account")]
    admins = [called_as(account=account) for account in accounts]
    created = [[admin.create() for _ in range(3)] for admin in admins]
    for admin, account, own in zip(admins, accounts, created, strict=True):
        assert [package.account_id for package in own] == [account] * 3
        assert list(admin.ListPackages().hosting_packages) == own[::-1]


def test_the_account_of_a_package_is_that_of_its_creators_token(called_as):
    account = unique("account")
    package = called_as("Sales", account=account).create(account_id="mine", id="package-mine")
    assert package.account_id == account
    assert package.id != "package-mine"


def test_a_domain_that_another_account_has_is_taken(packages, called_as):
    package = packages.create()
    with refused("ALREADY_EXISTS", "DOMAIN_TAKEN"):
        called_as(account="another-account").create(domain_name=package.domain_name)
    with refused("ALREADY_EXISTS", "USERNAME_TAKEN"):
        called_as(account="another-account").create(username=package.username)


def test_a_stack_user_sees_the_packages_that_they_were_added_to(packages, called_as):
    user = unique("stack-user")
    stack_user = called_as("StackUser", sub=user)
    assert list(stack_user.ListPackages().hosting_packages) == []
    by_creation = packages.create(stack_users=[user, "somebody-else"])
    packages.create()
    later = packages.create()
    packages.AddPackageStackUser(package_id=later.id, user_id=user)
    seen = stack_user.ListPackages().hosting_packages
    assert [package.id for package in seen] == [later.id, by_creation.id]
    assert [stack_user.get(package.id) for package in seen] == list(seen)


def test_access_that_is_taken_away_ends_with_the_next_call(packages, called_as):
    user = unique("stack-user")
    package = packages.create(stack_users=[user])
    stack_user = called_as("StackUser", sub=user)
    # Whatever is cached by then.
    for _ in range(10):
        assert stack_user.get(package.id).id == package.id
        assert len(stack_user.ListPackages().hosting_packages) == 1
    packages.RemovePackageStackUser(package_id=package.id, user_id=user)
    for method, request in OF_ONE_PACKAGE.items():
        if "StackUser" in METHODS[method][2]:
            with refused("NOT_FOUND", "PACKAGE_NOT_FOUND"):
                getattr(stack_user, method)(**request(package.id))
    assert list(stack_user.ListPackages().hosting_packages) == []
    packages.AddPackageStackUser(package_id=package.id, user_id=user)
    assert stack_user.get(package.id).stack_users == [user]


def test_a_user_of_the_same_name_in_another_account_has_no_access(packages, called_as):
    user = unique("stack-user")
    package = packages.create(stack_users=[user])
    with refused("NOT_FOUND", "PACKAGE_NOT_FOUND"):
        called_as("StackUser", sub=user, account="another-account").get(package.id)


def test_who_holds_another_role_beside_stack_user_sees_all(packages, called_as):
    package = packages.create()
    both = called_as(role=None, roles=["StackUser", "Support"], sub=unique("stack-user"))
    assert both.get(package.id) == package


def test_stack_users_are_listed_with_who_added_them_and_when(packages, called_as):
    package = packages.create(stack_users=["user-c", "user-a"])
    service = called_as("Service", sub="the-service")
    added = service.AddPackageStackUser(package_id=package.id, user_id="user-b").stack_user
    assert added.user_id == "user-b"
    assert added.added_by == "the-service"
    assert added.create_time.seconds > 1_700_000_000
    users = packages.ListPackageStackUsers(package_id=package.id).stack_users
    assert [user.user_id for user in users] == ["user-a", "user-b", "user-c"]
    assert users[1] == added
    assert users[0].create_time == package.create_time
    assert users[0].added_by == "user-1"
    one_by_one = packages.all_pages(
        "ListPackageStackUsers", "stack_users", package_id=package.id, page_size=1)
    assert one_by_one == list(users)
    assert set(packages.get(package.id).stack_users) == {"user-a", "user-b", "user-c"}


def test_adding_who_is_there_answers_as_they_were_first_added(packages, called_as):
    package = packages.create()
    first = packages.AddPackageStackUser(package_id=package.id, user_id="user-a").stack_user
    etag = packages.get(package.id).etag
    again = called_as("Service", sub="the-service").AddPackageStackUser(
        package_id=package.id, user_id="user-a").stack_user
    assert again == first
    assert packages.get(package.id).etag == etag
    assert packages.get(package.id).stack_users == ["user-a"]


def test_removing_who_is_not_there_is_not_found(packages):
    package = packages.create(stack_users=["user-a"])
    packages.RemovePackageStackUser(package_id=package.id, user_id="user-a")
    for user in ("user-a", "user-b"):
        with refused("NOT_FOUND", "STACK_USER_NOT_FOUND") as error:
            packages.RemovePackageStackUser(package_id=package.id, user_id=user)
        assert error.message == "Stack user not found"


def test_a_package_has_at_most_100_stack_users(packages):
    package = packages.create(stack_users=[f"user-{number}" for number in range(99)])
    packages.AddPackageStackUser(package_id=package.id, user_id="last")
    with refused("RESOURCE_EXHAUSTED", "STACK_USER_LIMIT_EXCEEDED") as error:
        packages.AddPackageStackUser(package_id=package.id, user_id="one more")
    assert len(error.quota_violations) == 1
    packages.AddPackageStackUser(package_id=package.id, user_id="last")
    assert len(packages.get(package.id).stack_users) == 100
