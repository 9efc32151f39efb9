"""request_id and validate_only in every method of PackageService that changes something."""

import threading
import uuid

import pytest
from packd_testing.errors import refused
from packd_testing.packages import (
    PASSWORD, Packages, make_package, make_type, mask, resource, unique)
from packd_testing.plans import quota

REPLAYED = "packd-replayed"

# Of each method: what makes a package ready for it, and a request.
MUTATIONS = {
    "CreatePackage": (None, lambda package: {
        "hosting_package": make_package(), "password": PASSWORD}),
    "UpdatePackage": (None, lambda package: {
        "hosting_package": {"id": package.id, "etag": package.etag, "name": "Changed"},
        "update_mask": mask("name")}),
    "DeletePackage": (None, lambda package: {"id": package.id, "etag": package.etag}),
    "UndeletePackage": (
        lambda packages, package: packages.DeletePackage(id=package.id),
        lambda package: {"id": package.id, "etag": package.etag}),
    "SuspendPackage": (None, lambda package: {
        "id": package.id, "kind": "SUSPENSION_KIND_ABUSE", "reason": "spam"}),
    "UnsuspendPackage": (
        lambda packages, package: packages.SuspendPackage(
            id=package.id, kind="SUSPENSION_KIND_ABUSE"),
        lambda package: {"id": package.id, "all": True}),
    "UpdatePackageConfiguration": (None, lambda package: {
        "package_id": package.id, "update_mask": mask("php_memory_limit_mb"),
        "configuration": {
            "php_memory_limit_mb": 333, "etag": package.configuration.etag}}),
    "AddPackageStackUser": (None, lambda package: {
        "package_id": package.id, "user_id": "user-new"}),
    "RemovePackageStackUser": (None, lambda package: {
        "package_id": package.id, "user_id": "user-old"}),
    "AttachResource": (None, lambda package: {
        "package_id": package.id, "resource": resource("BACKUP", "nightly")}),
    "DetachResource": (
        lambda packages, package: packages.attach(package, "BACKUP", "weekly"),
        lambda package: {"package_id": package.id}),
}


def prepared(packages, method):
    """A package that the method can change, and a request that does."""
    prepare, make_request = MUTATIONS[method]
    package = packages.create(stack_users=["user-old"])
    if prepare is not None:
        prepare(packages, package)
    package = packages.get(package.id)
    request = make_request(package)
    if method == "DetachResource":
        attached, = packages.ListResources(package_id=package.id).resources
        request["resource_id"] = attached.id
        request["etag"] = attached.etag
    return package, request


def state(packages, package):
    """All that a mutation could change."""
    return (
        packages.get(package.id),
        list(packages.ListResources(package_id=package.id).resources),
        packages.ListPackages(show_deleted=True).hosting_packages[0],
    )


@pytest.mark.parametrize("method", MUTATIONS)
def test_a_retry_gets_the_first_answer_byte_for_byte_and_changes_nothing(packages, method):
    package, request = prepared(packages, method)
    before = state(packages, package)
    request["request_id"] = str(uuid.uuid4())
    first, metadata = packages.raw(method, **request)
    assert REPLAYED not in metadata
    after = state(packages, package)
    assert after != before
    for _ in range(2):
        again, metadata = packages.raw(method, **request)
        assert again == first
        assert metadata.get(REPLAYED) == "true"
    assert state(packages, package) == after


@pytest.mark.parametrize("method", MUTATIONS)
def test_an_id_with_another_body_is_a_mismatch(packages, method):
    package, request = prepared(packages, method)
    request["request_id"] = str(uuid.uuid4())
    getattr(packages, method)(**request)
    after = state(packages, package)
    request["validate_only"] = True
    with refused("INVALID_ARGUMENT", "IDEMPOTENCY_MISMATCH"):
        getattr(packages, method)(**request)
    assert state(packages, package) == after


@pytest.mark.parametrize("method", MUTATIONS)
def test_validate_only_answers_as_if_done_and_writes_nothing(packages, method):
    package, request = prepared(packages, method)
    before = state(packages, package)
    getattr(packages, method)(**request, validate_only=True)
    assert state(packages, package) == before
    # It could have been done indeed.
    getattr(packages, method)(**request)
    assert state(packages, package) != before


def test_a_package_that_is_only_validated_is_answered_as_it_would_be(packages):
    sent = make_package(name="Only Asked")
    would_be = packages.CreatePackage(
        hosting_package=sent, password=PASSWORD, validate_only=True).hosting_package
    assert (would_be.name, would_be.domain_name) == ("Only Asked", sent.domain_name)
    assert would_be.plan_version > 0
    packages.CreatePackage(hosting_package=sent, password=PASSWORD)


def test_validate_only_makes_the_same_checks(packages, daemon):
    package = packages.create()
    with refused("ALREADY_EXISTS", "DOMAIN_TAKEN"):
        packages.CreatePackage(
            hosting_package=make_package(domain_name=package.domain_name), password=PASSWORD,
            validate_only=True)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["password"]):
        packages.CreatePackage(
            hosting_package=make_package(), password="short", validate_only=True)
    with refused("ABORTED", "ETAG_MISMATCH"):
        packages.DeletePackage(id=package.id, etag="stale", validate_only=True)
    with refused("FAILED_PRECONDITION", "PACKAGE_NOT_DELETED"):
        packages.UndeletePackage(id=package.id, validate_only=True)
    with daemon.channel() as channel:
        plan = make_type(channel, databases=quota(0))
    package = packages.create(package_type=plan.code)
    with refused("RESOURCE_EXHAUSTED", "RESOURCE_LIMIT_EXCEEDED"):
        packages.AttachResource(
            package_id=package.id, resource=resource("DATABASE", "shop"), validate_only=True)


def test_a_retry_with_another_password_is_another_request(packages):
    request = {"hosting_package": make_package(), "request_id": str(uuid.uuid4())}
    first, _ = packages.raw("CreatePackage", **request, password=PASSWORD)
    again, metadata = packages.raw("CreatePackage", **request, password=PASSWORD)
    assert again == first
    assert metadata.get(REPLAYED) == "true"
    with refused("INVALID_ARGUMENT", "IDEMPOTENCY_MISMATCH") as error:
        packages.CreatePackage(**request, password="another password")
    assert "another password" not in str(error.status)


def test_an_id_belongs_to_its_caller(packages, called_as):
    request_id = str(uuid.uuid4())
    packages.CreatePackage(
        hosting_package=make_package(), password=PASSWORD, request_id=request_id)
    for other in (called_as(sub="user-2"), called_as(account=unique("account"))):
        _, metadata = other.raw(
            "CreatePackage", hosting_package=make_package(), password=PASSWORD,
            request_id=request_id)
        assert REPLAYED not in metadata


def test_callers_who_race_with_one_id_make_one_package(daemon):
    request = {
        "hosting_package": make_package(), "password": PASSWORD, "request_id": str(uuid.uuid4())}
    answers = []

    def create():
        with daemon.channel() as channel:
            answers.append(Packages(channel).raw("CreatePackage", **request))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({answer for answer, _ in answers}) == 1
    assert sum(REPLAYED not in metadata for _, metadata in answers) == 1


def test_replays_outlive_a_restart(own_daemon):
    own_daemon.start()
    request = {
        "hosting_package": make_package(), "password": PASSWORD, "request_id": str(uuid.uuid4())}
    with own_daemon.channel() as channel:
        first, _ = Packages(channel).raw("CreatePackage", **request)
    own_daemon.kill()
    own_daemon.start()
    with own_daemon.channel() as channel:
        again, metadata = Packages(channel).raw("CreatePackage", **request)
    assert again == first
    assert metadata.get(REPLAYED) == "true"
    own_daemon.stop()
