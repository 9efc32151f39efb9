"""Requests of PackageService that are not valid: every bad field is named, all of them at once."""

import grpc
import pytest
from packd_testing.errors import refused
from packd_testing.packages import (
    NO_PACKAGE, PASSWORD, make_package, resource, timestamp, unique)

LABEL_63 = "a" * 63
# 253 characters.
LONGEST_DOMAIN = ".".join([LABEL_63, LABEL_63, LABEL_63, "b" * 61])

BAD_DOMAINS = [
    "example", "example.com.", ".example.com", "a..example", " a.example", "a.example ",
    "a b.example", "a_b.example", "-a.example", "a-.example", "1.2.3.4", "a.123", "[::1]",
    "http://a.example", "a.example:80", "*.example", "xn--a.example", "xn--bücher.example",
    "😀.example", "a\u200db.example", "אa.example", "\x00.example", LABEL_63 + "a.example",
    LONGEST_DOMAIN + "b", "ü" * 60 + ".example",
]
BAD_USERNAMES = [
    "", "ab", "1ab", "_ab", "-ab", "Abc", "a b", "a.b", "äbc", "abc\n", "a" * 33,
]
BAD_PASSWORDS = ["", "x" * 11, "x" * 257, "🙂" * 257, "twelve chars\n", "twelve\x00chars"]
BAD_ROOTS = ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\nb", "x" * 256,
             "../\u0301b", "/\u0301b"]
BAD_USER_IDS = ["", "x" * 129, "line\nbreak", "\x00"]
BAD_PACKAGE_IDS = [NO_PACKAGE[:-1], NO_PACKAGE + "0", "package-" + "I" * 26, "7", "é", "\x00"]


def strip_index(fields):
    """Field paths without indexes and keys: a[1] and a["x"] are a."""
    return {field.split("[")[0] for field in fields}


def refused_fields(call, *fields):
    """Expects the call to be refused for exactly these fields; their descriptions."""
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        call()
    assert strip_index(error.violations) == set(fields), error.violations
    assert all(error.violations.values())
    return error


@pytest.mark.parametrize("domain", BAD_DOMAINS)
def test_a_bad_domain_is_refused(packages, domain):
    refused_fields(
        lambda: packages.create(domain_name=domain), "hosting_package.domain_name")
    refused_fields(
        lambda: packages.create(extra_domain_names=["fine.example", domain]),
        "hosting_package.extra_domain_names")


@pytest.mark.parametrize("username", BAD_USERNAMES)
def test_a_bad_username_is_refused(packages, username):
    refused_fields(lambda: packages.create(username=username), "hosting_package.username")


@pytest.mark.parametrize("password", BAD_PASSWORDS)
def test_a_bad_password_is_refused_and_not_repeated(packages, password):
    error = refused_fields(lambda: packages.create(password=password), "password")
    assert not password or password not in str(error.status)


@pytest.mark.parametrize("root", BAD_ROOTS)
def test_a_bad_document_root_is_refused(packages, root):
    domain = f"{unique('root')}.example"
    refused_fields(
        lambda: packages.create(domain_name=domain, document_roots={domain: root}),
        "hosting_package.document_roots")


@pytest.mark.parametrize("user", BAD_USER_IDS)
def test_a_bad_user_id_is_refused(packages, user):
    refused_fields(
        lambda: packages.create(stack_users=["fine", user]), "hosting_package.stack_users")
    package = packages.create()
    refused_fields(
        lambda: packages.AddPackageStackUser(package_id=package.id, user_id=user), "user_id")


# Changes to a valid package, and the field that is bad then.
BAD_PACKAGES = {
    "long name": ({"name": "x" * 121}, "name"),
    "name of two lines": ({"name": "a\nb"}, "name"),
    "no domain": ({"domain_name": None}, "domain_name"),
    "101 further domains": (
        {"extra_domain_names": [f"x{n}.example" for n in range(101)]}, "extra_domain_names"),
    "the main domain again": (
        {"domain_name": "twice.example", "extra_domain_names": ["TWICE.example"]},
        "extra_domain_names"),
    "a further domain twice": (
        {"extra_domain_names": ["twice.example", "twice.example"]}, "extra_domain_names"),
    "root of a domain of others": (
        {"document_roots": {"not-mine.example": "www"}}, "document_roots"),
    "no type": ({"package_type": None}, "package_type"),
    "no such type": ({"package_type": "no-such-type"}, "package_type"),
    "101 users": ({"stack_users": [f"user-{n}" for n in range(101)]}, "stack_users"),
    "a user twice": ({"stack_users": ["user-a", "user-a"]}, "stack_users"),
}
NOT_IN_AN_UPDATE = {"101 users", "a user twice"}


@pytest.mark.parametrize("case", BAD_PACKAGES)
def test_a_bad_package_is_refused_by_name_of_its_field(packages, case):
    changes, field = BAD_PACKAGES[case]
    refused_fields(lambda: packages.create(**changes), f"hosting_package.{field}")
    if case in NOT_IN_AN_UPDATE:
        return
    target = packages.create()
    changed = make_package(**{"id": target.id, "username": None, **changes})
    refused_fields(
        lambda: packages.UpdatePackage(hosting_package=changed), f"hosting_package.{field}")
    assert packages.get(target.id) == target


def test_all_bad_fields_are_named_at_once(packages):
    bad = make_package(
        name="x" * 121, domain_name="bad", extra_domain_names=["worse"], username="X",
        package_type="no-such-type", stack_users=[""])
    refused_fields(
        lambda: packages.CreatePackage(
            hosting_package=bad, password="short", request_id="x" * 129),
        "hosting_package.name", "hosting_package.domain_name",
        "hosting_package.extra_domain_names", "hosting_package.username",
        "hosting_package.package_type", "hosting_package.stack_users", "password", "request_id")


def test_texts_at_their_longest_are_valid(packages):
    further = [f"{unique('further')}.example" for _ in range(100)]
    package = packages.create(
        name="ü" * 120, domain_name=LONGEST_DOMAIN, username="a" * 32, password="🙂" * 256,
        extra_domain_names=further, document_roots={LONGEST_DOMAIN: "é" * 255},
        stack_users=["ü" * 128])
    assert package.name == "ü" * 120
    assert package.domain_name == LONGEST_DOMAIN
    assert list(package.extra_domain_names) == further
    assert package.document_roots == {LONGEST_DOMAIN: "é" * 255}
    packages.create(username="abc", password="x" * 12)


def test_a_request_without_its_package_is_refused(packages):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        packages.CreatePackage(password=PASSWORD)
    assert "hosting_package" in error.violations
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        packages.UpdatePackage()
    assert "hosting_package" in error.violations


# Methods of one package with the field that names it, and what else a valid request has.
BY_ID = {
    "GetPackage": ("id", {}),
    "DeletePackage": ("id", {}),
    "UndeletePackage": ("id", {}),
    "SuspendPackage": ("id", {"kind": "SUSPENSION_KIND_ADMIN"}),
    "UnsuspendPackage": ("id", {"all": True}),
    "GetPackageWebInfo": ("package_id", {}),
    "GetPackageLimits": ("package_id", {}),
    "GetPackageUsage": ("package_id", {}),
    "GetPackageConfiguration": ("package_id", {}),
    "GetPackageServices": ("package_id", {}),
    "GetPackageDiskUsage": ("package_id", {}),
    "ListPackageStackUsers": ("package_id", {}),
    "ListResources": ("package_id", {}),
    "AddPackageStackUser": ("package_id", {"user_id": "user-a"}),
    "RemovePackageStackUser": ("package_id", {"user_id": "user-a"}),
    "AttachResource": ("package_id", {"resource": resource("BACKUP", "nightly")}),
}


@pytest.mark.parametrize("method", BY_ID)
def test_an_id_that_no_package_can_have_is_not_found(packages, method):
    field, others = BY_ID[method]
    for package_id in BAD_PACKAGE_IDS:
        with refused("NOT_FOUND", "PACKAGE_NOT_FOUND"):
            getattr(packages, method)(**{field: package_id}, **others)


@pytest.mark.parametrize("method", BY_ID)
def test_an_empty_id_is_refused(packages, method):
    _, others = BY_ID[method]
    with pytest.raises(grpc.RpcError) as error:
        getattr(packages, method)(**others)
    assert error.value.code() in (
        grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT)


PAGED = {
    "ListPackages": {},
    "ListPackageTypes": {},
    "GetPackageDiskUsage": {"package_id": None},
    "GetPackageBandwidthUsage": {
        "package_id": None, "start_time": timestamp(), "interval": "BANDWIDTH_INTERVAL_HOUR"},
    "ListPackageStackUsers": {"package_id": None},
    "ListResources": {"package_id": None},
}


@pytest.mark.parametrize("method", PAGED)
def test_a_bad_page_is_refused(packages, method):
    fields = dict(PAGED[method])
    if "package_id" in fields:
        fields["package_id"] = packages.create().id
    call = getattr(packages, method)
    refused_fields(lambda: call(page_size=-1, **fields), "page_size")
    if method == "GetPackageDiskUsage":
        # Without a scan there is nothing to go on in.
        return
    for token in ("no token", "AAAA", "é", "x" * 5000):
        refused_fields(lambda token=token: call(page_token=token, **fields), "page_token")


BAD_FILTERS = {
    "unknown status": ({"status": 99}, "status"),
    "deleted without show_deleted": ({"status": "HOSTING_PACKAGE_STATUS_DELETED"}, "status"),
    "long domain": ({"domain_contains": "x" * 254}, "domain_contains"),
}


@pytest.mark.parametrize("case", BAD_FILTERS)
def test_a_bad_filter_is_refused(packages, case):
    fields, field = BAD_FILTERS[case]
    refused_fields(lambda: packages.ListPackages(**fields), field)


def test_a_bad_kind_or_reason_of_a_suspension_is_refused(packages):
    package = packages.create()
    refused_fields(lambda: packages.SuspendPackage(id=package.id), "kind")
    refused_fields(lambda: packages.SuspendPackage(id=package.id, kind=99), "kind")
    refused_fields(
        lambda: packages.SuspendPackage(
            id=package.id, kind="SUSPENSION_KIND_ADMIN", reason="x" * 1001), "reason")
    packages.SuspendPackage(
        id=package.id, kind="SUSPENSION_KIND_ADMIN", reason="ü" * 1000)
    assert packages.get(package.id).suspensions[0].reason == "ü" * 1000


def test_what_to_lift_must_be_said(packages):
    package = packages.create()
    for lift in ({}, {"kind": 0}, {"kind": 99}, {"all": False}):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
            packages.UnsuspendPackage(id=package.id, **lift)
        assert set(error.violations) <= {"lift", "kind", "all"}, error.violations


MUTATIONS = {
    "CreatePackage": lambda package: {
        "hosting_package": make_package(), "password": PASSWORD},
    "UpdatePackage": lambda package: {"hosting_package": package},
    "DeletePackage": lambda package: {"id": package.id},
    "UndeletePackage": lambda package: {"id": package.id},
    "SuspendPackage": lambda package: {"id": package.id, "kind": "SUSPENSION_KIND_ADMIN"},
    "UnsuspendPackage": lambda package: {"id": package.id, "all": True},
    "UpdatePackageConfiguration": lambda package: {
        "package_id": package.id, "configuration": package.configuration},
    "AddPackageStackUser": lambda package: {"package_id": package.id, "user_id": "user-a"},
    "RemovePackageStackUser": lambda package: {"package_id": package.id, "user_id": "user-a"},
    "AttachResource": lambda package: {
        "package_id": package.id, "resource": resource("BACKUP", "nightly")},
    "DetachResource": lambda package: {
        "package_id": package.id, "resource_id": "resource-" + "0" * 26},
}


@pytest.mark.parametrize("method", MUTATIONS)
def test_a_bad_request_id_is_refused(packages, method):
    package = packages.create()
    for request_id in ("x" * 129, "line\nbreak", "\x00"):
        refused_fields(
            lambda request_id=request_id: getattr(packages, method)(
                **MUTATIONS[method](package), request_id=request_id), "request_id")
    assert packages.get(package.id) == package
