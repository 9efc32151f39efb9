"""Hosting packages as tests call them."""

import itertools
import time

from google.protobuf import field_mask_pb2, timestamp_pb2
from packd.v1 import package_service_pb2 as packages

from .caller import Caller
from .plans import TIMEOUT_SECONDS, Catalogue, make_plan

SERVICE = "/packd.v1.PackageService/"

# Who may read.
READERS = {"Admin", "Support", "Sales", "StackUser", "Service"}
# Who may change what a package's own users may change too.
OWNERS = {"Admin", "StackUser", "Service"}

# Every method and the roles that may call it; request and response are named after it.
ROLES_OF = {
    "ListPackages": READERS,
    "GetPackage": READERS,
    "CreatePackage": {"Admin", "Sales"},
    "UpdatePackage": {"Admin", "Service"},
    "DeletePackage": {"Admin"},
    "UndeletePackage": {"Admin"},
    "SuspendPackage": {"Admin", "Support", "Service"},
    "UnsuspendPackage": {"Admin", "Support", "Service"},
    "GetPackageWebInfo": READERS,
    "GetPackageLimits": READERS,
    "GetPackageUsage": READERS,
    "ListPackageTypes": READERS,
    "GetPackageConfiguration": READERS,
    "UpdatePackageConfiguration": OWNERS,
    "GetPackageServices": READERS,
    "GetPackageDiskUsage": READERS,
    "GetPackageBandwidthUsage": READERS,
    "ListPackageStackUsers": READERS,
    "AddPackageStackUser": {"Admin", "Service"},
    "RemovePackageStackUser": {"Admin", "Service"},
    "ListResources": READERS,
    "AttachResource": OWNERS,
    "DetachResource": OWNERS,
    "VerifyCredentials": {"Service"},
    "IngestUsage": {"Admin", "Service"},
    "WatchPackages": {"Admin", "Service"},
}

METHODS = {
    method: (
        getattr(packages, f"{method}Request"), getattr(packages, f"{method}Response"), roles)
    for method, roles in ROLES_OF.items()
}

STREAMS = {"IngestUsage", "WatchPackages"}

PASSWORD = "correct horse battery staple"

# An id that no package has.
NO_PACKAGE = "package-" + "0" * 26

_numbers = itertools.count(1)


def unique(prefix):
    """A text that no other test uses: domains and usernames are unique in a store."""
    return f"{prefix}-{next(_numbers)}"


def make_package(**fields):
    """A valid package to create, with some fields as given; None leaves one out."""
    values = {
        "domain_name": f"{unique('site')}.example",
        "package_type": "shared-basic",
        "username": unique("user"),
        **fields,
    }
    return packages.HostingPackage(**{k: v for k, v in values.items() if v is not None})


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def timestamp(seconds=None):
    """A time, in seconds since 1970; now, when none is given."""
    seconds = time.time() if seconds is None else seconds
    whole = int(seconds // 1)
    return timestamp_pb2.Timestamp(seconds=whole, nanos=int((seconds - whole) * 1e9))


def resource(kind, name):
    """A resource to attach; `kind` is as in the proto file, without its prefix."""
    return packages.PackageResource(
        kind=packages.ResourceKind.Value(f"RESOURCE_KIND_{kind}"), name=name)


def traffic(package_id, event_id, at=None, in_bytes=0, out_bytes=0, requests=0):
    """A usage event with a bandwidth delta."""
    return packages.UsageEvent(
        event_id=event_id, package_id=package_id, observed_time=timestamp(at),
        bandwidth_delta=packages.BandwidthDelta(
            in_bytes=in_bytes, out_bytes=out_bytes, requests=requests))


def scan(package_id, event_id, directories, file_types, at=None):
    """A usage event with a disk scan; both mappings are from a name to (bytes, files)."""
    return packages.UsageEvent(
        event_id=event_id, package_id=package_id, observed_time=timestamp(at),
        disk_scan=packages.DiskScan(
            directories=[
                packages.DirectoryUsage(path=path, bytes=size, files=files)
                for path, (size, files) in directories.items()
            ],
            file_types=[
                packages.FileTypeUsage(file_type=kind, bytes=size, files=files)
                for kind, (size, files) in file_types.items()
            ]))


class Packages(Caller):
    """Callers of PackageService."""

    SERVICE = SERVICE
    METHODS = METHODS

    def create(self, password=PASSWORD, **fields):
        """A new package, as it was written."""
        return self.CreatePackage(
            hosting_package=make_package(**fields), password=password).hosting_package

    def get(self, package_id):
        return self.GetPackage(id=package_id).hosting_package

    def attach(self, package, kind, name):
        """A new resource, as it was attached."""
        return self.AttachResource(
            package_id=package.id, resource=resource(kind, name)).resource

    def all_pages(self, method, elements, **fields):
        """What every page has in its field `elements`."""
        found = []
        while True:
            page = getattr(self, method)(**fields)
            found.extend(getattr(page, elements))
            if not page.next_page_token:
                return found
            fields["page_token"] = page.next_page_token

    def ingest(self, *events):
        """Sends the events on one stream; their answers."""
        call = self.stream("IngestUsage", (
            packages.IngestUsageRequest(event=event) for event in events))
        return list(call)

    def watch(self, timeout=TIMEOUT_SECONDS, **fields):
        """The call, from which responses are read; to be cancelled."""
        stub = self.channel.unary_stream(
            SERVICE + "WatchPackages",
            request_serializer=packages.WatchPackagesRequest.SerializeToString,
            response_deserializer=packages.WatchPackagesResponse.FromString,
        )
        return stub(
            packages.WatchPackagesRequest(**fields), timeout=timeout, metadata=self.metadata)

    def stream(self, method, requests, timeout=TIMEOUT_SECONDS):
        request_type, response_type, _ = METHODS[method]
        stub = self.channel.stream_stream(
            SERVICE + method,
            request_serializer=request_type.SerializeToString,
            response_deserializer=response_type.FromString,
        )
        return stub(requests, timeout=timeout, metadata=self.metadata)

    def first_answer(self, method, **fields):
        """The first answer of a method, be it a stream or not; None when it gives none."""
        if method == "IngestUsage":
            requests = [METHODS[method][0](**fields)] if fields else []
            return next(iter(self.stream(method, iter(requests))), None)
        if method == "WatchPackages":
            call = self.watch(**fields)
            try:
                return next(call)
            finally:
                call.cancel()
        return getattr(self, method)(**fields)


def make_type(channel, **fields):
    """A new plan; its code is the package_type of packages on it."""
    return Catalogue(channel).CreatePlan(plan=make_plan(unique("Type"), **fields)).plan
