"""The life of a hosting package, from its creation to its deletion."""

import threading

import grpc
import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import (
    PASSWORD, Packages, make_package, make_type, mask, resource, scan, unique)
from packd_testing.plans import quota

SERVER_FIELDS = (
    "id", "account_id", "plan_id", "plan_version", "status", "suspensions", "configuration",
    "create_time", "update_time", "delete_time", "purge_time", "etag",
)
THIRTY_DAYS = 30 * 86_400


def client_fields(package):
    """A package without what the server sets."""
    copy = pb.HostingPackage()
    copy.CopyFrom(package)
    for field in SERVER_FIELDS:
        copy.ClearField(field)
    return copy


def race(daemon, count, body):
    """Runs `body` in so many threads, each with a caller of its own; the names of the codes."""
    outcomes = []

    def run(number):
        with daemon.channel() as channel:
            try:
                body(Packages(channel), number)
                outcomes.append("OK")
            except grpc.RpcError as error:
                outcomes.append(error.code().name)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


# MARK: Creation


def test_a_created_package_is_what_was_sent_and_can_be_read(packages, admin):
    name = unique("whole")
    sent = make_package(
        name="Größe ✓", domain_name=f"{name}.example",
        extra_domain_names=[f"www.{name}.example", f"{name}.test"],
        document_roots={f"{name}.example": "public_html/site", f"{name}.test": "other"},
        stack_users=["user-a", "user-b"])
    created = packages.CreatePackage(hosting_package=sent, password=PASSWORD).hosting_package
    assert client_fields(created) == sent
    assert packages.get(created.id) == created
    assert list(packages.ListPackages(page_size=1).hosting_packages) == [created]

    prefix, ulid = created.id.split("-")
    assert prefix == "package"
    assert len(ulid) == 26
    assert set(ulid) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    plan = admin.GetPlan(code="shared-basic").plan
    assert created.account_id == "default"
    assert (created.plan_id, created.plan_version) == (plan.id, plan.version)
    assert created.status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    assert list(created.suspensions) == []
    assert created.configuration.php_version
    assert created.create_time.seconds > 1_700_000_000
    assert created.update_time == created.create_time
    assert not created.HasField("delete_time")
    assert not created.HasField("purge_time")
    assert created.etag


def test_a_package_is_named_after_its_domain_unless_it_has_a_name(packages):
    package = packages.create(domain_name=f"{unique('Named')}.Example")
    assert package.name == package.domain_name == package.domain_name.lower()


def test_domain_names_are_kept_in_lower_case_with_a_labels(packages):
    name = unique("x")
    package = packages.create(
        domain_name=f"Bücher.{name}.Example", extra_domain_names=[f"faß.{name}.example"],
        document_roots={f"BÜCHER.{name}.example": "books"})
    assert package.domain_name == f"xn--bcher-kva.{name}.example"
    assert package.extra_domain_names == [f"xn--fa-hia.{name}.example"]
    assert package.document_roots == {package.domain_name: "books"}


def test_fields_that_the_server_sets_are_ignored_in_a_new_package(packages):
    sent = make_package(
        id="package-mine", account_id="mine", plan_id=99, plan_version=99, etag="mine",
        status=pb.HOSTING_PACKAGE_STATUS_SUSPENDED,
        suspensions=[pb.Suspension(kind=pb.SUSPENSION_KIND_ADMIN)])
    sent.create_time.seconds = sent.delete_time.seconds = sent.purge_time.seconds = 1
    created = packages.CreatePackage(hosting_package=sent, password=PASSWORD).hosting_package
    assert client_fields(created) == client_fields(make_package(
        domain_name=sent.domain_name, username=sent.username, name=sent.domain_name))
    assert created.status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    assert created.create_time.seconds > 1
    assert not created.HasField("delete_time")


def test_a_package_stays_on_the_version_it_was_created_on(packages, admin, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel)
    package = packages.create(package_type=plan.code)
    plan.email_accounts.CopyFrom(quota(1))
    admin.UpdatePlan(plan=plan)
    assert packages.get(package.id).plan_version == 1
    assert packages.create(package_type=plan.code).plan_version == 2


def test_a_domain_or_username_that_is_taken_is_named(packages):
    package = packages.create(extra_domain_names=[f"{unique('extra')}.example"])
    for taken in (package.domain_name, package.domain_name.upper(), *package.extra_domain_names):
        for fields in ({"domain_name": taken}, {"extra_domain_names": [taken]}):
            with refused("ALREADY_EXISTS", "DOMAIN_TAKEN") as error:
                packages.create(**fields)
            assert taken.lower() in error.message
    with refused("ALREADY_EXISTS", "USERNAME_TAKEN") as error:
        packages.create(username=package.username)
    assert package.username in error.message


def test_of_racing_creators_of_one_domain_or_username_one_wins(daemon):
    domain, username = f"{unique('raced')}.example", unique("raced")
    assert race(daemon, 16, lambda own, _: own.create(domain_name=domain)) == (
        ["ALREADY_EXISTS"] * 15 + ["OK"])
    assert race(daemon, 16, lambda own, _: own.create(username=username)) == (
        ["ALREADY_EXISTS"] * 15 + ["OK"])


def test_an_inactive_or_unknown_type_is_refused(packages, daemon):
    with daemon.channel() as channel:
        inactive = make_type(channel, is_active=False)
    for package_type in (inactive.code, "no-such-type", ""):
        with refused(
            "INVALID_ARGUMENT", "INVALID_FIELDS", ["hosting_package.package_type"]):
            packages.create(package_type=package_type)


def test_a_plan_with_packages_cannot_be_deleted(packages, admin, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel)
    package = packages.create(package_type=plan.code)
    with refused("FAILED_PRECONDITION", "PLAN_IN_USE") as error:
        admin.DeletePlan(id=plan.id)
    assert package.id in str(error.preconditions)


# MARK: Updates


def replacement(package, **fields):
    """What a client sends to replace all of a package."""
    copy = client_fields(package)
    copy.id = package.id
    for field, value in fields.items():
        copy.ClearField(field)
        copy.MergeFrom(pb.HostingPackage(**{field: value}))
    return copy


def test_an_update_without_mask_replaces_every_field_that_clients_set(packages):
    name = unique("replaced")
    package = packages.create(
        name="Before", extra_domain_names=[f"www.{name}.example"],
        document_roots={f"www.{name}.example": "www"})
    for update_mask in (None, mask("*")):
        change = pb.HostingPackage(
            id=package.id, name="After", domain_name=f"{name}.example",
            package_type=package.package_type, document_roots={f"{name}.example": "new"})
        updated = packages.UpdatePackage(
            hosting_package=change, update_mask=update_mask).hosting_package
        assert (updated.name, updated.domain_name) == ("After", f"{name}.example")
        assert list(updated.extra_domain_names) == []
        assert updated.document_roots == {f"{name}.example": "new"}
        assert updated.username == package.username
        assert updated.create_time == package.create_time
        assert updated.etag != package.etag
        assert packages.get(package.id) == updated
    # What was given up is free.
    packages.create(domain_name=package.domain_name)
    packages.create(domain_name=f"www.{name}.example")


def test_an_update_with_mask_writes_the_named_fields_alone(packages):
    package = packages.create(name="Before", document_roots={})
    change = pb.HostingPackage(id=package.id, name="After", domain_name="ignored.example")
    updated = packages.UpdatePackage(
        hosting_package=change, update_mask=mask("name")).hosting_package
    expected = client_fields(package)
    expected.name = "After"
    assert client_fields(updated) == expected


def test_the_username_cannot_be_changed_nor_what_the_server_sets(packages):
    package = packages.create()
    for path in ("username", "stack_users", "configuration", "status", "id", "etag", "colour"):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["update_mask"]) as error:
            packages.UpdatePackage(hosting_package=package, update_mask=mask("name", path))
        assert path in error.violations["update_mask"]
    assert packages.get(package.id) == package


def test_an_update_cannot_take_a_domain_of_another_package(packages):
    one, other = packages.create(), packages.create()
    for fields in (
        {"domain_name": other.domain_name}, {"extra_domain_names": [other.domain_name]},
    ):
        with refused("ALREADY_EXISTS", "DOMAIN_TAKEN") as error:
            packages.UpdatePackage(hosting_package=replacement(one, **fields))
        assert other.domain_name in error.message
    assert packages.get(one.id) == one


def test_a_package_may_swap_its_own_domains(packages):
    package = packages.create(extra_domain_names=[f"{unique('swap')}.example"])
    swapped = packages.UpdatePackage(hosting_package=replacement(
        package, domain_name=package.extra_domain_names[0],
        extra_domain_names=[package.domain_name])).hosting_package
    assert swapped.domain_name == package.extra_domain_names[0]
    assert swapped.extra_domain_names == [package.domain_name]


def test_a_stale_etag_is_aborted_and_nothing_is_written(packages):
    package = packages.create()
    change = replacement(package, name="Second")
    change.etag = package.etag
    second = packages.UpdatePackage(hosting_package=change).hosting_package
    with refused("ABORTED", "ETAG_MISMATCH"):
        packages.UpdatePackage(hosting_package=change)
    with refused("ABORTED", "ETAG_MISMATCH"):
        packages.DeletePackage(id=package.id, etag=package.etag)
    assert packages.get(package.id) == second
    deleted = packages.DeletePackage(id=package.id, etag=second.etag).hosting_package
    with refused("ABORTED", "ETAG_MISMATCH"):
        packages.UndeletePackage(id=package.id, etag=second.etag)
    packages.UndeletePackage(id=package.id, etag=deleted.etag)


def test_of_racing_updates_with_one_etag_one_wins(packages, daemon):
    package = packages.create()

    def update(own, number):
        change = replacement(package, name=f"Number {number}")
        change.etag = package.etag
        own.UpdatePackage(hosting_package=change)

    assert race(daemon, 16, update) == ["ABORTED"] * 15 + ["OK"]


def test_another_type_moves_a_package_to_its_current_version(packages, admin, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel)
    package = packages.create(package_type=plan.code)
    plan.description = "second"
    admin.UpdatePlan(plan=plan)
    # The same type is no move.
    same = packages.UpdatePackage(hosting_package=replacement(package)).hosting_package
    assert same.plan_version == 1
    there = packages.UpdatePackage(
        hosting_package=replacement(package, package_type="shared-premium"),
        update_mask=mask("package_type")).hosting_package
    premium = admin.GetPlan(code="shared-premium").plan
    assert (there.package_type, there.plan_id) == (premium.code, premium.id)
    back = packages.UpdatePackage(
        hosting_package=replacement(there, package_type=plan.code)).hosting_package
    assert back.plan_version == 2


def test_a_move_names_every_limit_that_the_present_use_exceeds(packages, daemon):
    with daemon.channel() as channel:
        wide = make_type(channel, databases=quota())
        narrow = make_type(
            channel, disk_space_mb=quota(1), email_accounts=quota(1), databases=quota(0),
            bandwidth_mb=quota(1))
    package = packages.create(package_type=wide.code)
    for number in range(2):
        packages.attach(package, "MAILBOX", f"box{number}@{package.domain_name}")
    packages.attach(package, "DATABASE", "shop")
    answer, = packages.ingest(
        scan(package.id, unique("event"), {"": (2_000_000, 1)}, {"": (2_000_000, 1)}))
    assert answer.verdict == pb.USAGE_VERDICT_ACCEPTED, answer
    before = packages.get(package.id)
    move = replacement(before, package_type=narrow.code)
    with refused("FAILED_PRECONDITION", "LIMITS_EXCEEDED") as error:
        packages.UpdatePackage(hosting_package=move)
    named = {subject.split("/")[-1] for subject in error.preconditions}
    assert named == {"disk_space_mb", "email_accounts", "databases"}
    for limit in named:
        assert limit in error.message
    assert packages.get(package.id) == before


def test_a_move_to_an_inactive_type_is_refused_and_staying_on_one_is_not(
        packages, admin, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel)
    package = packages.create(package_type=plan.code)
    other = packages.create()
    plan.is_active = False
    admin.UpdatePlan(plan=plan)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["hosting_package.package_type"]):
        packages.UpdatePackage(hosting_package=replacement(other, package_type=plan.code))
    stays = packages.UpdatePackage(hosting_package=replacement(package, name="Stays"))
    assert stays.hosting_package.name == "Stays"


# MARK: Suspensions


def kinds(package):
    return [
        pb.SuspensionKind.Name(suspension.kind).removeprefix("SUSPENSION_KIND_")
        for suspension in package.suspensions
    ]


def suspend(packages, package, kind, reason=""):
    return packages.SuspendPackage(
        id=package.id, kind=f"SUSPENSION_KIND_{kind}", reason=reason).hosting_package


def lift(packages, package, kind):
    return packages.UnsuspendPackage(
        id=package.id, kind=f"SUSPENSION_KIND_{kind}").hosting_package


def test_suspensions_of_each_kind_stack_and_the_last_one_lifted_frees_the_package(
        packages, called_as):
    package = packages.create()
    support = called_as("Support", sub="the-support")
    seen = []
    for kind in ("BILLING", "ADMIN", "ABUSE", "OVERUSE"):
        suspended = suspend(support, package, kind, f"because of {kind}")
        seen.append(kind)
        assert kinds(suspended) == seen
        assert suspended.status == pb.HOSTING_PACKAGE_STATUS_SUSPENDED
        assert suspended == packages.get(package.id)
    last = suspended.suspensions[-1]
    assert (last.reason, last.suspended_by) == ("because of OVERUSE", "the-support")
    assert last.create_time.seconds >= package.create_time.seconds
    for kind in ("ADMIN", "OVERUSE", "BILLING"):
        left = lift(support, package, kind)
        seen.remove(kind)
        assert kinds(left) == seen
        assert left.status == pb.HOSTING_PACKAGE_STATUS_SUSPENDED
    free = lift(support, package, "ABUSE")
    assert free.status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    assert list(free.suspensions) == []
    assert client_fields(free) == client_fields(package)
    assert free.configuration == package.configuration


def test_a_suspension_that_stands_keeps_its_first_time_and_reason(packages, called_as):
    package = packages.create()
    first = suspend(packages, package, "ABUSE", "first")
    again = suspend(called_as("Service", sub="the-service"), package, "ABUSE", "second")
    assert again == first


def test_all_suspensions_can_be_lifted_at_once(packages):
    package = packages.create()
    for kind in ("ADMIN", "BILLING"):
        suspend(packages, package, kind)
    free = packages.UnsuspendPackage(id=package.id, all=True).hosting_package
    assert free.status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    assert list(free.suspensions) == []


def test_lifting_what_does_not_stand_is_no_error(packages):
    package = packages.create()
    assert lift(packages, package, "ABUSE") == package
    assert packages.UnsuspendPackage(id=package.id, all=True).hosting_package == package
    suspended = suspend(packages, package, "ADMIN")
    assert lift(packages, package, "ABUSE") == suspended


def test_a_suspended_package_keeps_what_is_attached_and_can_be_changed(packages):
    package = packages.create()
    box = packages.attach(package, "MAILBOX", f"info@{package.domain_name}")
    suspend(packages, package, "BILLING")
    assert list(packages.ListResources(package_id=package.id).resources) == [box]
    renamed = packages.UpdatePackage(
        hosting_package=replacement(package, name="Renamed")).hosting_package
    assert (renamed.name, renamed.status) == ("Renamed", pb.HOSTING_PACKAGE_STATUS_SUSPENDED)


# MARK: Deletion


def test_a_deleted_package_is_kept_for_30_days_and_comes_back_as_it_was(packages):
    package = packages.create()
    suspended = suspend(packages, package, "BILLING", "unpaid")
    deleted = packages.DeletePackage(id=package.id).hosting_package
    assert deleted.status == pb.HOSTING_PACKAGE_STATUS_DELETED
    assert deleted.delete_time.seconds >= package.create_time.seconds
    assert deleted.purge_time.seconds == deleted.delete_time.seconds + THIRTY_DAYS
    assert deleted.purge_time.nanos == deleted.delete_time.nanos
    assert packages.get(package.id) == deleted
    back = packages.UndeletePackage(id=package.id).hosting_package
    assert back.status == pb.HOSTING_PACKAGE_STATUS_SUSPENDED
    assert back.suspensions == suspended.suspensions
    assert client_fields(back) == client_fields(package)
    assert not back.HasField("delete_time")
    assert not back.HasField("purge_time")
    assert packages.get(package.id) == back


def test_the_domains_of_a_deleted_package_are_free_and_its_username_is_not(packages):
    package = packages.create(extra_domain_names=[f"{unique('kept')}.example"])
    packages.DeletePackage(id=package.id)
    with refused("ALREADY_EXISTS", "USERNAME_TAKEN"):
        packages.create(username=package.username)
    other = packages.create(domain_name=package.extra_domain_names[0])
    with refused("ALREADY_EXISTS", "DOMAIN_TAKEN") as error:
        packages.UndeletePackage(id=package.id)
    assert other.domain_name in error.message
    packages.DeletePackage(id=other.id)
    assert packages.UndeletePackage(
        id=package.id).hosting_package.status == pb.HOSTING_PACKAGE_STATUS_ACTIVE


def test_what_is_attached_blocks_deletion_with_a_violation_each(packages):
    package = packages.create()
    names = [f"info@{package.domain_name}", f"sales@{package.domain_name}"]
    for name in names:
        packages.attach(package, "MAILBOX", name)
    packages.attach(package, "BACKUP", "nightly")
    with refused("FAILED_PRECONDITION", "RESOURCES_ATTACHED") as error:
        packages.DeletePackage(id=package.id)
    assert len(error.preconditions) == 3
    for name in [*names, "nightly"]:
        assert any(name in subject for subject in error.preconditions), error.preconditions
    assert packages.get(package.id).status == pb.HOSTING_PACKAGE_STATUS_ACTIVE
    deleted = packages.DeletePackage(id=package.id, force=True).hosting_package
    assert deleted.status == pb.HOSTING_PACKAGE_STATUS_DELETED
    # What was attached has been released.
    packages.UndeletePackage(id=package.id)
    assert list(packages.ListResources(package_id=package.id).resources) == []


# What can be done to a package that is not deleted, and not to one that is.
NOT_WHILE_DELETED = {
    "UpdatePackage": lambda package: {
        "hosting_package": replacement(package, name="Changed"), "update_mask": mask("name")},
    "DeletePackage": lambda package: {"id": package.id},
    "SuspendPackage": lambda package: {"id": package.id, "kind": "SUSPENSION_KIND_ADMIN"},
    "UnsuspendPackage": lambda package: {"id": package.id, "all": True},
    "UpdatePackageConfiguration": lambda package: {
        "package_id": package.id, "configuration": package.configuration},
    "AddPackageStackUser": lambda package: {"package_id": package.id, "user_id": "user-a"},
    "AttachResource": lambda package: {
        "package_id": package.id, "resource": resource("BACKUP", "nightly")},
}


@pytest.mark.parametrize("method", NOT_WHILE_DELETED)
def test_a_deleted_package_is_not_changed(packages, method):
    package = packages.create()
    packages.DeletePackage(id=package.id)
    deleted = packages.get(package.id)
    with refused("FAILED_PRECONDITION", "PACKAGE_DELETED") as error:
        getattr(packages, method)(**NOT_WHILE_DELETED[method](package))
    assert list(error.preconditions) == [f"packages/{package.id}"]
    assert packages.get(package.id) == deleted


def test_only_a_deleted_package_can_be_brought_back(packages):
    package = packages.create()
    for _ in range(2):
        with refused("FAILED_PRECONDITION", "PACKAGE_NOT_DELETED"):
            packages.UndeletePackage(id=package.id)
        suspend(packages, package, "ADMIN")
