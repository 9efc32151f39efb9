"""As many packages as an account may have, and the PHP versions that there are."""

import threading

import grpc
import pytest
from packd_testing.errors import refused
from packd_testing.packages import PASSWORD, make_package, mask, unique

LIMIT = 3
DAEMON_OPTIONS = (
    "--max-packages-per-account", str(LIMIT), "--php-versions", "8.4", "--php-versions", "7.4",
)


@pytest.fixture
def owner(called_as):
    """An Admin whose account nobody else uses."""
    return called_as(account=unique("account"))


def test_an_account_has_at_most_so_many_packages(owner, called_as):
    made = [owner.create() for _ in range(LIMIT)]
    for validate_only in (True, False):
        with refused("RESOURCE_EXHAUSTED", "PACKAGE_QUOTA_EXCEEDED") as error:
            owner.CreatePackage(
                hosting_package=make_package(), password=PASSWORD, validate_only=validate_only)
        violation, = error.quota_violations.items()
        assert made[0].account_id in violation[0]
        assert str(LIMIT) in violation[1]
        assert str(LIMIT) in error.message
    # Another account has its own.
    called_as(account=unique("account")).create()


def test_a_deleted_package_gives_its_place_back_and_needs_one_to_come_back(owner):
    made = [owner.create() for _ in range(LIMIT)]
    owner.DeletePackage(id=made[0].id)
    owner.create()
    with refused("RESOURCE_EXHAUSTED", "PACKAGE_QUOTA_EXCEEDED"):
        owner.UndeletePackage(id=made[0].id)
    owner.DeletePackage(id=made[1].id)
    owner.UndeletePackage(id=made[0].id)
    # A suspended package has its place as any other.
    owner.SuspendPackage(id=made[2].id, kind="SUSPENSION_KIND_BILLING")
    with refused("RESOURCE_EXHAUSTED", "PACKAGE_QUOTA_EXCEEDED"):
        owner.create()


def test_racing_creators_never_exceed_the_limit(owner):
    outcomes = []

    def create():
        try:
            owner.create()
            outcomes.append("OK")
        except grpc.RpcError as error:
            outcomes.append(error.code().name)

    threads = [threading.Thread(target=create) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["OK"] * LIMIT + ["RESOURCE_EXHAUSTED"] * (16 - LIMIT)
    assert len(owner.ListPackages().hosting_packages) == LIMIT


def test_the_php_versions_are_those_that_the_daemon_was_told(owner):
    package = owner.create()
    assert package.configuration.php_version == "8.4"
    configuration = owner.UpdatePackageConfiguration(
        package_id=package.id, configuration={"php_version": "7.4"},
        update_mask=mask("php_version")).configuration
    assert configuration.php_version == "7.4"
    with refused(
        "INVALID_ARGUMENT", "INVALID_FIELDS", ["configuration.php_version"]) as error:
        owner.UpdatePackageConfiguration(
            package_id=package.id, configuration={"php_version": "8.3"},
            update_mask=mask("php_version"))
    assert "7.4" in error.violations["configuration.php_version"]
