"""Hosting packages for benchmarks: how one is made, and the calls that ask for it."""
import struct

import grpc
from packd.v1 import package_service_pb2 as packages
from packd.v1 import package_service_pb2_grpc as services

SERVICE = "/packd.v1.PackageService/"
TIMEOUT_SECONDS = 30


class Client:
    """The generated client, for what is not measured."""

    def __init__(self, port, token):
        self.channel = grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", -1)])
        self.stub = services.PackageServiceStub(self.channel)
        self.metadata = [("authorization", token.bearer)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def call(self, method, request):
        return getattr(self.stub, method)(
            request, metadata=self.metadata, timeout=TIMEOUT_SECONDS)


def create(port, token):
    """Adds a package on the first plan that there is; returns its id."""
    package = packages.HostingPackage(
        domain_name="shop.example", extra_domain_names=["www.shop.example"],
        package_type="shared-basic", username="shop", stack_users=["user-1"])
    with Client(port, token) as client:
        return client.call("CreatePackage", packages.CreatePackageRequest(
            hosting_package=package, password="correct horse battery")).hosting_package.id


def body_file(work, name, message):
    """A file that h2load sends: the message as gRPC frames it."""
    data = message.SerializeToString()
    path = work / f"{name}.bin"
    path.write_bytes(b"\0" + struct.pack(">I", len(data)) + data)
    return path


def point_calls(work, package_id):
    """What `benchmark.h2load` takes to ask for the package, by name of the method."""
    requests = {
        "GetPackage": packages.GetPackageRequest(id=package_id),
        "GetPackageUsage": packages.GetPackageUsageRequest(package_id=package_id),
    }
    return {
        name: {"method": SERVICE + name, "body": body_file(work, name, request)}
        for name, request in requests.items()
    }
