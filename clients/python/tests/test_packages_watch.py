"""WatchPackages: every change, in order, none left out."""

import time

import grpc
import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import (
    NO_PACKAGE, Packages, make_package, make_type, mask, traffic, unique)
from packd_testing.plans import quota


def kind_of(change):
    return pb.PackageChangeKind.Name(change.kind).removeprefix("PACKAGE_CHANGE_KIND_")


def changes(watch, count):
    """The next changes of a watch; responses that only move the token on are passed over."""
    found = []
    while len(found) < count:
        response = next(watch)
        assert response.resume_token
        if response.HasField("change"):
            found.append(response)
    return found


@pytest.fixture
def owner(called_as):
    """An Admin whose account nobody else uses."""
    return called_as(account=unique("account"))


def started(caller, **fields):
    """A watch that has said that it watches."""
    watch = caller.watch(**fields)
    first = next(watch)
    assert first.resume_token
    assert not first.HasField("change")
    return watch, first.resume_token


# What happens to a package in its life, and the kind of change that tells of it.
STEPS = [
    ("UPDATED", lambda own, package: own.UpdatePackage(
        hosting_package={"id": package.id, "name": "Renamed"}, update_mask=mask("name"))),
    ("UPDATED", lambda own, package: own.UpdatePackageConfiguration(
        package_id=package.id, configuration={"backup_enabled": True, "php_upload_max_mb": 77},
        update_mask=mask("php_upload_max_mb"))),
    ("UPDATED", lambda own, package: own.AddPackageStackUser(
        package_id=package.id, user_id="user-a")),
    ("UPDATED", lambda own, package: own.RemovePackageStackUser(
        package_id=package.id, user_id="user-a")),
    ("UPDATED", lambda own, package: own.attach(package, "BACKUP", "nightly")),
    ("UPDATED", lambda own, package: own.DetachResource(
        package_id=package.id,
        resource_id=own.ListResources(package_id=package.id).resources[0].id)),
    ("SUSPENDED", lambda own, package: own.SuspendPackage(
        id=package.id, kind="SUSPENSION_KIND_ADMIN")),
    ("SUSPENDED", lambda own, package: own.SuspendPackage(
        id=package.id, kind="SUSPENSION_KIND_BILLING")),
    ("UNSUSPENDED", lambda own, package: own.UnsuspendPackage(id=package.id, all=True)),
    ("DELETED", lambda own, package: own.DeletePackage(id=package.id)),
    ("UNDELETED", lambda own, package: own.UndeletePackage(id=package.id)),
]


def test_every_change_of_a_package_is_told_as_it_was_right_after(owner):
    watch, _ = started(owner)
    package = owner.create()
    expected = [("CREATED", package)]
    for kind, step in STEPS:
        step(owner, package)
        expected.append((kind, owner.get(package.id)))
    told = [response.change for response in changes(watch, len(expected))]
    assert [(kind_of(change), change.hosting_package) for change in told] == expected
    for change in told:
        assert change.change_time.seconds >= package.create_time.seconds
    watch.cancel()


def test_what_changes_nothing_is_not_told(owner):
    package = owner.create()
    watch, _ = started(owner)
    owner.UnsuspendPackage(id=package.id, all=True)
    owner.CreatePackage(
        hosting_package=make_package(), password="x" * 12, validate_only=True)
    with refused("NOT_FOUND"):
        owner.DeletePackage(id=NO_PACKAGE)
    owner.SuspendPackage(id=package.id, kind="SUSPENSION_KIND_ADMIN")
    change, = changes(watch, 1)
    assert kind_of(change.change) == "SUSPENDED"
    watch.cancel()


def test_a_watch_goes_on_right_after_its_token(owner):
    watch, beginning = started(owner)
    made = [owner.create() for _ in range(10)]
    told = changes(watch, 10)
    watch.cancel()
    tokens = [beginning] + [response.resume_token for response in told]
    for index, token in enumerate(tokens):
        resumed = owner.watch(resume_token=token)
        rest = changes(resumed, 10 - index)
        resumed.cancel()
        assert [each.change.hosting_package for each in rest] == made[index:]


def test_a_watch_that_is_resumed_misses_nothing_that_happened_meanwhile(owner):
    watch, token = started(owner)
    watch.cancel()
    made = [owner.create() for _ in range(3)]
    watch = owner.watch(resume_token=token)
    made.append(owner.create())
    told = [response.change.hosting_package.id for response in changes(watch, 4)]
    watch.cancel()
    assert told == [package.id for package in made]


def test_a_watch_outlives_nothing_but_its_token_does(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        owner = Packages(channel)
        watch, token = started(owner)
        watch.cancel()
        package = owner.create()
    own_daemon.kill()
    own_daemon.start()
    with own_daemon.channel() as channel:
        watch = Packages(channel).watch(resume_token=token)
        told, = changes(watch, 1)
        watch.cancel()
    assert told.change.hosting_package == package
    own_daemon.stop()


def test_a_watch_of_one_package_tells_of_no_other(owner):
    one, other = owner.create(), owner.create()
    watch, _ = started(owner, package_id=one.id)
    for kind in ("ADMIN", "ABUSE"):
        for package in (other, one):
            owner.SuspendPackage(id=package.id, kind=f"SUSPENSION_KIND_{kind}")
    told = [response.change.hosting_package.id for response in changes(watch, 2)]
    watch.cancel()
    assert told == [one.id, one.id]


def test_a_watch_tells_of_its_own_account_alone(owner, called_as):
    watch, _ = started(owner)
    called_as(account=unique("account")).create()
    own = owner.create()
    told, = changes(watch, 1)
    watch.cancel()
    assert told.change.hosting_package == own


def test_many_watchers_see_the_same(owner):
    watches = [started(owner)[0] for _ in range(20)]
    made = [owner.create() for _ in range(5)]
    for watch in watches:
        told = [response.change.hosting_package for response in changes(watch, 5)]
        assert told == made
        watch.cancel()


def test_an_exceeded_limit_is_told_once(owner, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel, bandwidth_mb=quota(1))
    package = owner.create(package_type=plan.code)
    watch, _ = started(owner)
    for _ in range(3):
        owner.ingest(traffic(package.id, unique("event"), out_bytes=2_000_000))
    owner.SuspendPackage(id=package.id, kind="SUSPENSION_KIND_ADMIN")
    told = [kind_of(response.change) for response in changes(watch, 2)]
    watch.cancel()
    assert told == ["LIMIT_EXCEEDED", "SUSPENDED"]


def test_a_bad_token_or_package_is_refused(owner, called_as):
    _, token = started(owner)
    for bad in ("no token", "AAAA", "é", "x" * 5000, token[:-1]):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["resume_token"]):
            next(owner.watch(resume_token=bad))
    # One of another account, or of another filter.
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["resume_token"]):
        next(called_as(account=unique("account")).watch(resume_token=token))
    package = owner.create()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["resume_token"]):
        next(owner.watch(resume_token=token, package_id=package.id))
    for package_id in (NO_PACKAGE, "7"):
        with refused("NOT_FOUND", "PACKAGE_NOT_FOUND"):
            next(owner.watch(package_id=package_id))


def test_a_watch_ends_when_the_daemon_drains(own_daemon):
    own_daemon.start()
    with own_daemon.channel() as channel:
        watch, _ = started(Packages(channel), timeout=30)
        began = time.monotonic()
        own_daemon.terminate()
        with pytest.raises(grpc.RpcError) as error:
            next(watch)
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        assert time.monotonic() - began < 10
    assert own_daemon.wait() == 0
    own_daemon.process = None
