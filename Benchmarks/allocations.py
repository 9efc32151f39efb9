"""Allocations per call of a running packd, beyond nghttp2's own, against thresholds: of the calls
that are answered without a task: GetPlan, GetPackage, GetPackageUsage, GetPackageStatus and
CheckEntitlement.

usage: allocations.py [PACKD] [--check]

The daemon runs twice under malloc_count.so, with few calls and with many, 10 connections x 100
streams, a Bearer token and the default store; the difference is what calls cost. A bare nghttp2
server (floor.c) is counted the same way. --check fails above Benchmarks/thresholds.json.
"""
import json
import pathlib
import subprocess
import sys

import benchmark
import grpc
import hosting
from packd.v1 import seller_package_service_pb2 as sellers
from packd.v1.seller_package_service_pb2_grpc import SellerPackageServiceStub

SELLER_SERVICE = "/packd.v1.SellerPackageService/"
FEW, MANY = 20_000, 120_000


def count(command, library, calls, header, work, call):
    """Allocations of the whole process `command` while h2load makes `calls` calls."""
    result = work / "count"
    with benchmark.Server(command, preload=library, count_file=result) as server:
        benchmark.h2load(
            server.port, ["-n", str(calls), "-c", "10", "-m", "100"], header, **call)
    return int(result.read_text())


def per_call(command, library, header, work, call):
    few = count(command, library, FEW, header, work, call)
    many = count(command, library, MANY, header, work, call)
    return (many - few) / (MANY - FEW)


def buy(port, token):
    """A seller package of the token's user; returns who that is."""
    request = sellers.PurchasePackageRequest(
        package_id=1, paypal=sellers.PayPal(approval_token="sandbox-approved"))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return SellerPackageServiceStub(channel).PurchasePackage(
            request, metadata=[("authorization", token.bearer)],
            timeout=hosting.TIMEOUT_SECONDS).purchase.user_id


def seller_calls(work, user):
    """What `benchmark.h2load` takes to ask for the user's package, by name of the method."""
    requests = {
        "GetPackageStatus": sellers.GetPackageStatusRequest(),
        "CheckEntitlement": sellers.CheckEntitlementRequest(user_id=user),
    }
    return {
        name: {"method": SELLER_SERVICE + name, "body": hosting.body_file(work, name, request)}
        for name, request in requests.items()
    }


def main():
    check = "--check" in sys.argv
    packd = benchmark.find_packd(*[named for named in sys.argv[1:] if named != "--check"])
    here = benchmark.HERE
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        library = work / "malloc_count.so"
        subprocess.run(
            ["gcc", "-O2", "-shared", "-fPIC", "-o", library, here / "malloc_count.c"], check=True)
        floor = benchmark.build_floor(work)
        token = benchmark.Token(packd, work)
        command = benchmark.serve_command(packd, token, work / "data")
        with benchmark.Server(command) as server:
            package_id = hosting.create(server.port, token)
            user = buy(server.port, token)
        calls = {
            "GetPlan": {}, **hosting.point_calls(work, package_id), **seller_calls(work, user)}
        bare = per_call([floor, "{port}"], library, token.header, work, {})
        ours = {name: per_call(command, library, token.header, work, call)
                for name, call in calls.items()}
    limits = json.loads((here / "thresholds.json").read_text())
    too_many = []
    for name, count_per_call in ours.items():
        limit = limits[f"{name[0].lower()}{name[1:]}Allocations"]
        is_within = count_per_call - bare <= limit
        benchmark.row(f"{name}: allocations per call beyond nghttp2's own {bare:.1f}",
                      f"{count_per_call - bare:.2f}", f"<= {limit}", is_within)
        if not is_within:
            too_many.append(name)
    if check and too_many:
        sys.exit(f"allocations of {', '.join(too_many)}: over Benchmarks/thresholds.json")


main()
