"""Four short programs about hosting packages.

example_packages.py HOST:PORT TOKEN_FILE [create|usage|suspend|users]...

With the token of an Admin; without a name all four run, one after the other. Each makes a
package, and deletes it in the end.
"""

import sys
import time
import uuid
from pathlib import Path

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from packd.v1 import package_service_pb2 as pb
from packd.v1.package_service_pb2_grpc import PackageServiceStub


class Example:
    """A package of its own, and the service that keeps it."""

    def __init__(self, channel, token):
        self.packages = PackageServiceStub(channel)
        self.call = {"metadata": [("authorization", f"Bearer {token}")], "timeout": 10}

    def __enter__(self):
        name = f"example-{uuid.uuid4().hex[:12]}"
        package = pb.HostingPackage(
            name="Example", domain_name=f"{name}.example",
            extra_domain_names=[f"www.{name}.example"], package_type="shared-basic",
            username=name)
        # The request id makes it safe to send this again when no answer came.
        request = pb.CreatePackageRequest(
            hosting_package=package, password=uuid.uuid4().hex, request_id=str(uuid.uuid4()))
        self.package = self.packages.CreatePackage(request, **self.call).hosting_package
        print(f"created {self.package.domain_name}")
        return self

    def __exit__(self, *_):
        # With all that is attached to it; it can be brought back until its purge_time.
        request = pb.DeletePackageRequest(id=self.package.id, force=True)
        deleted = self.packages.DeletePackage(request, **self.call).hosting_package
        print(f"deleted {deleted.domain_name}, gone for good on "
              f"{deleted.purge_time.ToDatetime():%Y-%m-%d}")


def create(example):
    """Creates a package and configures it."""
    configuration = example.package.configuration
    print(f"PHP {configuration.php_version}, {configuration.php_memory_limit_mb} MB a script")
    # The etag makes sure that nobody else has configured it meanwhile.
    request = pb.UpdatePackageConfigurationRequest(
        package_id=example.package.id,
        configuration=pb.PackageConfiguration(
            php_memory_limit_mb=256, ssl_enabled=True, force_https=True,
            custom={"owner.note": "made by an example"}, etag=configuration.etag))
    request.update_mask.paths.extend(
        ["php_memory_limit_mb", "ssl_enabled", "force_https", "custom"])
    configuration = example.packages.UpdatePackageConfiguration(
        request, **example.call).configuration
    print(f"PHP {configuration.php_version}, {configuration.php_memory_limit_mb} MB a script")

    request = pb.GetPackageWebInfoRequest(package_id=example.package.id)
    for domain in example.packages.GetPackageWebInfo(request, **example.call).web_info.domains:
        print(f"{domain.domain_name} is served from {domain.document_root}")


def usage(example):
    """Reports traffic, and shows what is used of what is allowed."""
    events = (
        pb.UsageEvent(
            event_id=str(uuid.uuid4()), package_id=example.package.id,
            observed_time=Timestamp(seconds=int(time.time()) - hours * 3600),
            bandwidth_delta=pb.BandwidthDelta(
                in_bytes=10_000_000, out_bytes=1_000_000_000, requests=5000))
        for hours in range(3)
    )
    requests = (pb.IngestUsageRequest(event=event) for event in events)
    # An answer says that the event is counted, once and for good.
    for answer in example.packages.IngestUsage(requests, **example.call):
        print(f"event {pb.UsageVerdict.Name(answer.verdict)}")

    request = pb.GetPackageLimitsRequest(package_id=example.package.id)
    for limit in example.packages.GetPackageLimits(request, **example.call).limits:
        kind = pb.LimitKind.Name(limit.kind).removeprefix("LIMIT_KIND_").lower()
        allowed = "any number" if limit.limit.unlimited else limit.limit.limit
        print(f"{kind}: {limit.used} of {allowed}")

    request = pb.GetPackageBandwidthUsageRequest(
        package_id=example.package.id, interval=pb.BANDWIDTH_INTERVAL_HOUR,
        start_time=Timestamp(seconds=int(time.time()) - 3 * 3600))
    answer = example.packages.GetPackageBandwidthUsage(request, **example.call)
    for bucket in answer.bandwidth_usage.buckets:
        print(f"{bucket.start_time.ToDatetime():%H:%M} {bucket.out_bytes / 1e6:.0f} MB sent")


def suspend(example):
    """Suspends a package for two reasons and lifts them one by one."""
    def show(package):
        status = pb.HostingPackageStatus.Name(package.status)
        print(status.removeprefix("HOSTING_PACKAGE_STATUS_").lower(),
              [suspension.reason for suspension in package.suspensions])

    for kind, reason in (
        (pb.SUSPENSION_KIND_BILLING, "Two bills are not paid"),
        (pb.SUSPENSION_KIND_ABUSE, "It sends spam"),
    ):
        request = pb.SuspendPackageRequest(id=example.package.id, kind=kind, reason=reason)
        show(example.packages.SuspendPackage(request, **example.call).hosting_package)
    for kind in (pb.SUSPENSION_KIND_BILLING, pb.SUSPENSION_KIND_ABUSE):
        request = pb.UnsuspendPackageRequest(id=example.package.id, kind=kind)
        show(example.packages.UnsuspendPackage(request, **example.call).hosting_package)


def users(example):
    """Gives two users access to a package and takes it from one of them again."""
    for user in ("stack-user-1", "stack-user-2"):
        request = pb.AddPackageStackUserRequest(package_id=example.package.id, user_id=user)
        added = example.packages.AddPackageStackUser(request, **example.call).stack_user
        print(f"{added.user_id} was added by {added.added_by}")
    request = pb.RemovePackageStackUserRequest(
        package_id=example.package.id, user_id="stack-user-1")
    # From now on their calls get NOT_FOUND, whatever token they hold.
    example.packages.RemovePackageStackUser(request, **example.call)
    request = pb.ListPackageStackUsersRequest(package_id=example.package.id)
    left = example.packages.ListPackageStackUsers(request, **example.call).stack_users
    print("left:", [user.user_id for user in left])


PROGRAMS = {"create": create, "usage": usage, "suspend": suspend, "users": users}


def main():
    names = sys.argv[3:] or list(PROGRAMS)
    if len(sys.argv) < 3 or not set(names) <= set(PROGRAMS):
        sys.exit(__doc__.strip())
    token = Path(sys.argv[2]).read_text(encoding="utf-8").strip()
    with grpc.insecure_channel(sys.argv[1]) as channel:
        for name in names:
            print(f"-- {name}")
            with Example(channel, token) as example:
                PROGRAMS[name](example)


if __name__ == "__main__":
    main()
