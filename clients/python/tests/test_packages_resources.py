"""What is attached to hosting packages, and how it counts."""

import threading

import grpc
import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import Packages, make_type, resource, scan, unique
from packd_testing.plans import quota

# A valid name of each kind, for a package of this domain.
NAMES = {
    "MAILBOX": "info@{}",
    "DATABASE": "shop",
    "SSL_CERTIFICATE": "{}",
    "BACKUP": "Nightly ✓",
    "SUBDOMAIN": "blog.{}",
}


@pytest.mark.parametrize("kind", NAMES)
def test_what_is_attached_is_listed_until_it_is_detached(packages, kind):
    package = packages.create()
    sent = resource(kind, NAMES[kind].format(package.domain_name))
    attached = packages.AttachResource(package_id=package.id, resource=sent).resource
    assert (attached.kind, attached.name) == (sent.kind, sent.name)
    assert attached.package_id == package.id
    prefix, ulid = attached.id.split("-")
    assert (prefix, len(ulid)) == ("resource", 26)
    assert attached.create_time.seconds >= package.create_time.seconds
    assert attached.etag
    assert list(packages.ListResources(package_id=package.id).resources) == [attached]

    packages.DetachResource(package_id=package.id, resource_id=attached.id, etag=attached.etag)
    assert list(packages.ListResources(package_id=package.id).resources) == []
    with refused("NOT_FOUND", "RESOURCE_NOT_FOUND"):
        packages.DetachResource(package_id=package.id, resource_id=attached.id)
    # Its name is free.
    again = packages.AttachResource(package_id=package.id, resource=sent).resource
    assert again.id != attached.id


def test_fields_that_the_server_sets_are_ignored(packages):
    package = packages.create()
    sent = resource("BACKUP", "nightly")
    sent.id, sent.package_id, sent.etag = "resource-mine", "package-mine", "mine"
    sent.create_time.seconds = 1
    attached = packages.AttachResource(package_id=package.id, resource=sent).resource
    assert attached.id != "resource-mine"
    assert attached.package_id == package.id
    assert attached.etag != "mine"
    assert attached.create_time.seconds > 1


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_taken_within_its_kind_and_package(packages, kind):
    package = packages.create()
    name = NAMES[kind].format(package.domain_name)
    packages.attach(package, kind, name)
    with refused("ALREADY_EXISTS", "RESOURCE_TAKEN") as error:
        packages.attach(package, kind, name)
    assert name in error.message


def test_the_same_name_is_free_in_another_kind_and_another_package(packages):
    one, other = packages.create(), packages.create()
    packages.attach(one, "DATABASE", "shop")
    packages.attach(one, "BACKUP", "shop")
    packages.attach(other, "DATABASE", "shop")


def test_resources_are_listed_by_id_and_by_kind_page_by_page(packages):
    package = packages.create()
    attached = []
    for number in range(5):
        attached.append(packages.attach(package, "BACKUP", f"backup {number}"))
        attached.append(
            packages.attach(package, "MAILBOX", f"box{number}@{package.domain_name}"))
    assert [each.id for each in attached] == sorted(each.id for each in attached)
    for kind in (0, pb.RESOURCE_KIND_BACKUP, pb.RESOURCE_KIND_MAILBOX, pb.RESOURCE_KIND_DATABASE):
        expected = [each for each in attached if kind in (0, each.kind)]
        for page_size in (0, 1, 3, 1000):
            assert packages.all_pages(
                "ListResources", "resources", package_id=package.id, kind=kind,
                page_size=page_size) == expected


def test_a_page_token_belongs_to_its_package_and_kind(packages):
    one, other = packages.create(), packages.create()
    for package in (one, other):
        for number in range(3):
            packages.attach(package, "BACKUP", f"backup {number}")
    token = packages.ListResources(package_id=one.id, page_size=1).next_page_token
    assert token
    for fields in (
        {"package_id": other.id}, {"package_id": one.id, "kind": "RESOURCE_KIND_BACKUP"},
    ):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
            packages.ListResources(page_token=token, **fields)


@pytest.mark.parametrize(
    ("kind", "limit_name", "name"),
    [("MAILBOX", "email_accounts", "box{}@{}"), ("DATABASE", "databases", "base{}")])
def test_what_a_plan_counts_is_refused_at_its_limit(packages, daemon, kind, limit_name, name):
    with daemon.channel() as channel:
        plan = make_type(channel, **{limit_name: quota(2)})
    package = packages.create(package_type=plan.code)
    attached = [
        packages.attach(package, kind, name.format(number, package.domain_name))
        for number in range(2)
    ]
    with refused("RESOURCE_EXHAUSTED", "RESOURCE_LIMIT_EXCEEDED") as error:
        packages.attach(package, kind, name.format(2, package.domain_name))
    assert len(error.quota_violations) == 1
    assert limit_name in str(error.quota_violations)
    # What is detached gives its place back.
    packages.DetachResource(package_id=package.id, resource_id=attached[0].id)
    packages.attach(package, kind, name.format(3, package.domain_name))
    # What is not counted is not refused.
    for number in range(10):
        packages.attach(package, "BACKUP", f"backup {number}")


def test_without_limit_there_is_none_and_a_limit_of_0_allows_nothing(packages, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel, email_accounts=quota(), databases=quota(0))
    package = packages.create(package_type=plan.code)
    for number in range(60):
        packages.attach(package, "MAILBOX", f"box{number}@{package.domain_name}")
    with refused("RESOURCE_EXHAUSTED", "RESOURCE_LIMIT_EXCEEDED"):
        packages.attach(package, "DATABASE", "shop")


def test_racing_attachers_never_exceed_a_limit(packages, daemon):
    limit, callers = 7, 64
    with daemon.channel() as channel:
        plan = make_type(channel, databases=quota(limit))
    package = packages.create(package_type=plan.code)
    outcomes = []

    def attach(number):
        with daemon.channel() as channel:
            try:
                Packages(channel).attach(package, "DATABASE", f"base{number}")
                outcomes.append("OK")
            except grpc.RpcError as error:
                outcomes.append(error.code().name)

    threads = [threading.Thread(target=attach, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["OK"] * limit + ["RESOURCE_EXHAUSTED"] * (callers - limit)
    assert len(packages.ListResources(package_id=package.id).resources) == limit


def test_a_plan_that_blocks_refuses_attaching_while_more_is_used_than_it_allows(
        packages, daemon):
    with daemon.channel() as channel:
        plan = make_type(
            channel, disk_space_mb=quota(1), disk_space_overuse="OVERUSE_ACTION_BLOCK")
    package = packages.create(package_type=plan.code)
    packages.attach(package, "BACKUP", "before")

    def use(size):
        answer, = packages.ingest(
            scan(package.id, unique("event"), {"": (size, 1)}, {"": (size, 1)}))
        assert answer.verdict == pb.USAGE_VERDICT_ACCEPTED, answer

    use(5_000_000)
    with refused("FAILED_PRECONDITION", "OVERUSE_BLOCKED") as error:
        packages.attach(package, "MAILBOX", f"info@{package.domain_name}")
    assert "disk_space_mb" in error.message
    use(1000)
    packages.attach(package, "MAILBOX", f"info@{package.domain_name}")


BAD_RESOURCES = {
    "no kind": (lambda _: pb.PackageResource(name="nightly"), "resource.kind"),
    "unknown kind": (lambda _: pb.PackageResource(kind=99, name="nightly"), "resource.kind"),
    "no name": (lambda _: resource("BACKUP", ""), "resource.name"),
    "long name": (lambda _: resource("BACKUP", "x" * 254), "resource.name"),
    "name of two lines": (lambda _: resource("BACKUP", "a\nb"), "resource.name"),
    "mailbox without domain": (lambda _: resource("MAILBOX", "info"), "resource.name"),
    "mailbox without name": (lambda domain: resource("MAILBOX", f"@{domain}"), "resource.name"),
    "mailbox of others": (lambda _: resource("MAILBOX", "a@others.example"), "resource.name"),
    "subdomain of others": (
        lambda _: resource("SUBDOMAIN", "blog.others.example"), "resource.name"),
    "subdomain that is the domain": (
        lambda domain: resource("SUBDOMAIN", domain), "resource.name"),
    "certificate of no domain": (lambda _: resource("SSL_CERTIFICATE", "a b"), "resource.name"),
    "database with a slash": (lambda _: resource("DATABASE", "a/b"), "resource.name"),
}


@pytest.mark.parametrize("case", BAD_RESOURCES)
def test_a_bad_resource_is_refused_by_name_of_its_field(packages, case):
    make, field = BAD_RESOURCES[case]
    package = packages.create()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", [field]):
        packages.AttachResource(package_id=package.id, resource=make(package.domain_name))
    assert list(packages.ListResources(package_id=package.id).resources) == []


def test_a_request_without_its_resource_is_refused(packages):
    package = packages.create()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["resource"]):
        packages.AttachResource(package_id=package.id)


def test_a_stale_etag_or_another_package_keeps_a_resource(packages):
    package, other = packages.create(), packages.create()
    attached = packages.attach(package, "BACKUP", "nightly")
    with refused("ABORTED", "ETAG_MISMATCH"):
        packages.DetachResource(
            package_id=package.id, resource_id=attached.id, etag="stale")
    for resource_id in (attached.id, "resource-" + "0" * 26, "7"):
        with refused("NOT_FOUND", "RESOURCE_NOT_FOUND") as error:
            packages.DetachResource(package_id=other.id, resource_id=resource_id)
        assert error.message == "Resource not found"
    assert list(packages.ListResources(package_id=package.id).resources) == [attached]


def test_a_stack_user_attaches_and_detaches(packages, called_as):
    user = unique("stack-user")
    package = packages.create(stack_users=[user])
    stack_user = called_as("StackUser", sub=user)
    attached = stack_user.attach(package, "DATABASE", "shop")
    stack_user.DetachResource(package_id=package.id, resource_id=attached.id)
    assert list(stack_user.ListResources(package_id=package.id).resources) == []


@pytest.mark.parametrize("kind", ["MAILBOX", "SSL_CERTIFICATE", "SUBDOMAIN"])
def test_a_domain_with_something_in_it_cannot_be_dropped(packages, kind):
    package = packages.create()
    extra = f"extra-{package.domain_name}"
    package.extra_domain_names.append(extra)
    package.etag = ""
    package = packages.UpdatePackage(hosting_package=package).hosting_package
    name = NAMES[kind].format(extra)
    attached = packages.attach(package, kind, name)
    packages.attach(package, kind, NAMES[kind].format(package.domain_name))
    del package.extra_domain_names[:]
    package.etag = ""
    with refused("FAILED_PRECONDITION", "RESOURCES_ATTACHED"):
        packages.UpdatePackage(hosting_package=package)
    packages.DetachResource(package_id=package.id, resource_id=attached.id)
    assert not packages.UpdatePackage(hosting_package=package).hosting_package.extra_domain_names
