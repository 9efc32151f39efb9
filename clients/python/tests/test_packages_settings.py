"""How hosting packages are configured, and what is shown of them: web info, limits, services."""

import pytest
from packd.v1 import package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.packages import make_type, mask, scan, traffic, unique
from packd_testing.plans import quota

MEBIBYTE = 1_048_576


def configure(packages, package, *paths, **fields):
    return packages.UpdatePackageConfiguration(
        package_id=package.id, configuration=pb.PackageConfiguration(**fields),
        update_mask=mask(*paths) if paths else None).configuration


def client_fields(configuration):
    """A configuration without what the server sets."""
    copy = pb.PackageConfiguration()
    copy.CopyFrom(configuration)
    copy.ClearField("update_time")
    copy.ClearField("etag")
    return copy


WHOLE = {
    "php_memory_limit_mb": 256, "php_max_execution_time_s": 60, "php_upload_max_mb": 64,
    "ssl_enabled": True, "force_https": True, "backup_enabled": True, "http2_enabled": True,
    "custom": {"owner.note": "Grüße", "a-b_c": ""},
}


# MARK: Configuration


def test_a_new_package_has_a_valid_configuration(packages):
    package = packages.create()
    configuration = packages.GetPackageConfiguration(package_id=package.id).configuration
    assert configuration == package.configuration
    assert configuration.php_version
    assert 16 <= configuration.php_memory_limit_mb <= 4096
    assert 1 <= configuration.php_max_execution_time_s <= 3600
    assert 1 <= configuration.php_upload_max_mb <= 4096
    assert configuration.ssl_enabled or not configuration.force_https
    assert configuration.etag
    assert configuration.update_time == package.create_time
    # It can be written back as it is.
    again = configure(packages, package, **{
        field.name: value for field, value in configuration.ListFields()
        if field.name not in ("update_time", "etag")})
    assert client_fields(again) == client_fields(configuration)


def test_an_update_without_mask_replaces_every_field(packages):
    package = packages.create()
    version = package.configuration.php_version
    for update_mask in (None, mask("*")):
        sent = pb.PackageConfiguration(php_version=version, **WHOLE)
        written = packages.UpdatePackageConfiguration(
            package_id=package.id, configuration=sent, update_mask=update_mask).configuration
        assert client_fields(written) == sent
        assert packages.GetPackageConfiguration(package_id=package.id).configuration == written
    plain = pb.PackageConfiguration(
        php_version=version, php_memory_limit_mb=16, php_max_execution_time_s=1,
        php_upload_max_mb=1)
    written = packages.UpdatePackageConfiguration(
        package_id=package.id, configuration=plain).configuration
    assert client_fields(written) == plain


def test_an_update_with_mask_writes_the_named_fields_alone(packages):
    package = packages.create()
    before = package.configuration
    written = configure(
        packages, package, "php_memory_limit_mb", php_memory_limit_mb=777, php_upload_max_mb=999)
    expected = client_fields(before)
    expected.php_memory_limit_mb = 777
    assert client_fields(written) == expected
    assert written.etag != before.etag
    after = packages.get(package.id)
    assert after.configuration == written
    assert after.etag != package.etag
    assert after.update_time == written.update_time


def test_a_stale_etag_of_the_configuration_is_aborted(packages):
    package = packages.create()
    first = package.configuration
    second = configure(
        packages, package, "php_memory_limit_mb", php_memory_limit_mb=100, etag=first.etag)
    with refused("ABORTED", "ETAG_MISMATCH"):
        configure(
            packages, package, "php_memory_limit_mb", php_memory_limit_mb=101, etag=first.etag)
    assert packages.GetPackageConfiguration(package_id=package.id).configuration == second


def test_the_etag_of_the_configuration_is_its_own(packages):
    package = packages.create()
    packages.SuspendPackage(id=package.id, kind="SUSPENSION_KIND_ADMIN")
    assert packages.get(package.id).configuration.etag == package.configuration.etag
    configure(
        packages, package, "backup_enabled", backup_enabled=True, etag=package.configuration.etag)


# Changes to a valid configuration, and the field that is bad then.
BAD = {
    "no PHP version": ({"php_version": ""}, "php_version"),
    "unknown PHP version": ({"php_version": "99.9"}, "php_version"),
    "no memory": ({"php_memory_limit_mb": 0}, "php_memory_limit_mb"),
    "little memory": ({"php_memory_limit_mb": 15}, "php_memory_limit_mb"),
    "much memory": ({"php_memory_limit_mb": 4097}, "php_memory_limit_mb"),
    "no time": ({"php_max_execution_time_s": 0}, "php_max_execution_time_s"),
    "much time": ({"php_max_execution_time_s": 3601}, "php_max_execution_time_s"),
    "no upload": ({"php_upload_max_mb": 0}, "php_upload_max_mb"),
    "large upload": ({"php_upload_max_mb": 4097}, "php_upload_max_mb"),
    "negative upload": ({"php_upload_max_mb": -1}, "php_upload_max_mb"),
    "HTTPS forced without TLS": ({"ssl_enabled": False, "http2_enabled": False}, "force_https"),
    "HTTP/2 without TLS": ({"ssl_enabled": False, "force_https": False}, "http2_enabled"),
    "65 settings": ({"custom": {f"k{n}": "" for n in range(65)}}, "custom"),
    "empty key": ({"custom": {"": "x"}}, "custom"),
    "key with capitals": ({"custom": {"Key": "x"}}, "custom"),
    "long key": ({"custom": {"k" * 65: "x"}}, "custom"),
    "long value": ({"custom": {"key": "x" * 1025}}, "custom"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_configuration_is_refused_by_name_of_its_field(packages, case):
    changes, field = BAD[case]
    package = packages.create()
    values = {"php_version": package.configuration.php_version, **WHOLE, **changes}
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        configure(packages, package, **values)
    named = {name.split("[")[0] for name in error.violations}
    assert named == {f"configuration.{field}"}, error.violations
    assert packages.get(package.id) == package


def test_all_bad_fields_are_named_at_once(packages):
    package = packages.create()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        configure(packages, package, php_version="x", force_https=True, custom={"K": ""})
    assert {name.split("[")[0] for name in error.violations} == {
        f"configuration.{field}" for field in (
            "php_version", "php_memory_limit_mb", "php_max_execution_time_s",
            "php_upload_max_mb", "force_https", "custom")}


def test_what_is_merged_is_checked_and_not_the_named_fields_alone(packages):
    package = packages.create()
    configure(
        packages, package, "ssl_enabled", "force_https", "http2_enabled", ssl_enabled=True,
        force_https=True)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS"):
        configure(packages, package, "ssl_enabled", ssl_enabled=False)
    configure(packages, package, "ssl_enabled", "force_https")
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS"):
        configure(packages, package, "force_https", force_https=True)


def test_a_bad_mask_or_no_configuration_is_refused(packages):
    package = packages.create()
    for path in ("colour", "custom.key", "update_time", "etag"):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["update_mask"]) as error:
            configure(packages, package, path)
        assert path in error.violations["update_mask"]
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["configuration"]):
        packages.UpdatePackageConfiguration(package_id=package.id)


# MARK: Web info


def test_web_info_has_every_domain_the_main_one_first(packages):
    name = unique("web")
    package = packages.create(
        domain_name=f"{name}.example",
        extra_domain_names=[f"z.{name}.example", f"a.{name}.example"],
        document_roots={f"a.{name}.example": "a/site"})
    configuration = configure(
        packages, package, php_version=package.configuration.php_version, **WHOLE)
    info = packages.GetPackageWebInfo(package_id=package.id).web_info
    assert info.package_id == package.id
    assert [(domain.domain_name, domain.document_root) for domain in info.domains] == [
        (f"{name}.example", "public_html"), (f"z.{name}.example", "public_html"),
        (f"a.{name}.example", "a/site"),
    ]
    for field in (
        "php_version", "php_memory_limit_mb", "php_max_execution_time_s", "php_upload_max_mb",
        "ssl_enabled", "force_https", "http2_enabled",
    ):
        assert getattr(info, field) == getattr(configuration, field)
    assert not info.serving_disabled


def test_nothing_is_served_while_a_package_is_suspended_or_deleted(packages):
    package = packages.create()

    def is_disabled():
        return packages.GetPackageWebInfo(package_id=package.id).web_info.serving_disabled

    packages.SuspendPackage(id=package.id, kind="SUSPENSION_KIND_ADMIN")
    assert is_disabled()
    packages.UnsuspendPackage(id=package.id, all=True)
    assert not is_disabled()
    packages.DeletePackage(id=package.id)
    assert is_disabled()
    packages.UndeletePackage(id=package.id)
    assert not is_disabled()


# MARK: Limits and services


@pytest.fixture
def used(packages, daemon):
    """A package that uses something of everything."""
    with daemon.channel() as channel:
        plan = make_type(
            channel, disk_space_mb=quota(10), bandwidth_mb=quota(), email_accounts=quota(3),
            databases=quota(2))
    package = packages.create(package_type=plan.code, stack_users=["user-a", "user-b"])
    for number in range(2):
        packages.attach(package, "MAILBOX", f"box{number}@{package.domain_name}")
    packages.attach(package, "DATABASE", "shop")
    packages.attach(package, "BACKUP", "nightly")
    packages.attach(package, "SSL_CERTIFICATE", package.domain_name)
    answers = packages.ingest(
        scan(package.id, unique("event"), {"": (MEBIBYTE + 1, 3)}, {"html": (MEBIBYTE + 1, 3)}),
        traffic(package.id, unique("event"), in_bytes=1, out_bytes=2 * MEBIBYTE, requests=5))
    assert [answer.verdict for answer in answers] == [pb.USAGE_VERDICT_ACCEPTED] * 2, answers
    return package


def test_limits_show_each_limit_beside_the_use(packages, used):
    limits = packages.GetPackageLimits(package_id=used.id).limits
    seen = [
        (pb.LimitKind.Name(each.kind), pb.LimitUnit.Name(each.unit), each.limit, each.used)
        for each in limits
    ]
    # Megabytes are rounded up.
    assert seen == [
        ("LIMIT_KIND_DISK_SPACE", "LIMIT_UNIT_MEGABYTE", quota(10), 2),
        ("LIMIT_KIND_BANDWIDTH", "LIMIT_UNIT_MEGABYTE", quota(), 3),
        ("LIMIT_KIND_EMAIL_ACCOUNTS", "LIMIT_UNIT_COUNT", quota(3), 2),
        ("LIMIT_KIND_DATABASES", "LIMIT_UNIT_COUNT", quota(2), 1),
    ]
    assert {(each.plan_id, each.plan_version) for each in limits} == {(used.plan_id, 1)}


def test_usage_shows_each_figure_with_its_time(packages, used):
    usage = packages.GetPackageUsage(package_id=used.id).usage
    assert usage.package_id == used.id
    assert (usage.disk_space_mb.used, usage.disk_space_mb.limit) == (2, quota(10))
    assert (usage.bandwidth_mb.used, usage.bandwidth_mb.limit) == (3, quota())
    assert (usage.email_accounts.used, usage.email_accounts.limit) == (2, quota(3))
    assert (usage.databases.used, usage.databases.limit) == (1, quota(2))
    for figure in (
        usage.disk_space_mb, usage.bandwidth_mb, usage.email_accounts, usage.databases,
    ):
        assert figure.as_of.seconds >= used.create_time.seconds - 1


def test_usage_that_was_never_measured_has_no_time(packages):
    usage = packages.GetPackageUsage(package_id=packages.create().id).usage
    assert usage.disk_space_mb.used == usage.bandwidth_mb.used == 0
    assert not usage.disk_space_mb.HasField("as_of")
    assert not usage.bandwidth_mb.HasField("as_of")


def test_services_show_what_is_there_in_use_and_allowed(packages, used):
    services = packages.GetPackageServices(package_id=used.id).services
    assert services.package_id == used.id
    seen = {
        field.name: (value.enabled, value.used)
        for field, value in services.ListFields() if field.name != "package_id"
    }
    assert set(seen) == {"email", "databases", "ssl", "backups", "ftp", "stack_users"}
    assert seen["email"] == (True, 2)
    assert seen["databases"] == (True, 1)
    assert seen["ssl"][1] == 1
    assert seen["backups"][1] == 1
    assert seen["stack_users"] == (True, 2)
    assert services.email.limit == quota(3)
    assert services.databases.limit == quota(2)
    assert services.stack_users.limit == quota(100)


def test_a_service_without_quota_or_switched_off_is_not_enabled(packages, daemon):
    with daemon.channel() as channel:
        plan = make_type(channel, email_accounts=quota(0), databases=quota())
    package = packages.create(package_type=plan.code)
    configure(
        packages, package, "ssl_enabled", "force_https", "http2_enabled", "backup_enabled")
    services = packages.GetPackageServices(package_id=package.id).services
    assert not services.email.enabled
    assert services.databases.enabled
    assert not services.ssl.enabled
    assert not services.backups.enabled
    configure(
        packages, package, "ssl_enabled", "backup_enabled", ssl_enabled=True,
        backup_enabled=True)
    services = packages.GetPackageServices(package_id=package.id).services
    assert services.ssl.enabled
    assert services.backups.enabled
