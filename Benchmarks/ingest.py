"""IngestUsage over the wire on a SQLite file, each event on the disk before its answer.

usage: ingest.py [--rounds 3]

8 streams, each on a connection of its own, send bandwidth deltas of 100 packages in turn, with at
most 2,048 on each stream that are not answered (ingest.c, on core 1); packd has core 0 alone. In
the end a run is cut off by kill -9, goes on with what was not answered, and the sums that packd
shows are compared with what was sent in all runs.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import threading
import time

import benchmark

STREAMS, PACKAGES, EVENTS, IN_FLIGHT = 8, 100, 60_000, 2_048
MIN_EVENTS_PER_SECOND = 50_000
KILL_AFTER_SECONDS = 2
PLAN = "bench"


def build_client(work):
    client = work / "ingest"
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-o", client, benchmark.HERE / "ingest.c"], check=True)
    return client


class Load:
    """The events of one round, sent in one run of the client or in several."""

    def __init__(self, client, token, packages_file, name):
        self.client, self.token, self.packages_file = client, token, packages_file
        self.environment = {
            **os.environ, "PREFIX": name, "OBSERVED_SECONDS": str(int(time.time()) - 600)}
        self.acknowledged = [0] * STREAMS

    def run(self, port, kill=None):
        """One run from where the last has ended; its figures, or None when it was cut off."""
        process = subprocess.Popen(
            ["taskset", "-c", "1", self.client, str(port), self.token.bearer, self.packages_file,
             str(EVENTS), str(IN_FLIGHT), *map(str, self.acknowledged)],
            env=self.environment, stdout=subprocess.PIPE, text=True)
        if kill is not None:
            threading.Timer(KILL_AFTER_SECONDS, kill.kill).start()
        output, _ = process.communicate(timeout=300)
        if process.returncode not in (0, 2):
            raise SystemExit(f"the client has ended with {process.returncode}")
        fields = output.split()
        self.acknowledged = [int(field) for field in fields[5:]]
        if (process.returncode == 2) != (kill is not None):
            raise SystemExit("the server has gone away" if kill is None else "nothing was killed")
        return tuple(float(field) for field in fields[:5])


def make_packages(port, token, count):
    """Ids of packages on a plan without limits."""
    import grpc
    from packd.v1 import catalogue_service_pb2 as catalogue
    from packd.v1 import package_service_pb2 as packages
    from packd.v1 import types_pb2 as types
    from packd.v1.catalogue_service_pb2_grpc import CatalogueServiceStub
    from packd.v1.package_service_pb2_grpc import PackageServiceStub

    unlimited = types.Quota(unlimited=True)
    metadata = (("authorization", token.bearer),)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        CatalogueServiceStub(channel).CreatePlan(
            catalogue.CreatePlanRequest(plan=catalogue.Plan(
                name=PLAN, code=PLAN, kind=catalogue.PLAN_KIND_SHARED, disk_space_mb=unlimited,
                bandwidth_mb=unlimited, email_accounts=unlimited, databases=unlimited,
                price=types.Money(currency_code="EUR", units=1), is_active=True)),
            metadata=metadata)
        stub = PackageServiceStub(channel)
        return [
            stub.CreatePackage(
                packages.CreatePackageRequest(
                    hosting_package=packages.HostingPackage(
                        domain_name=f"site-{number}.example", package_type=PLAN,
                        username=f"user-{number}"),
                    password="correct horse battery staple"),
                metadata=metadata).hosting_package.id
            for number in range(count)
        ]


def check_sums(port, token, package_ids, runs):
    """What packd counts for each package must be what was sent, in every run once."""
    import grpc
    from google.protobuf import timestamp_pb2
    from packd.v1 import package_service_pb2 as packages
    from packd.v1.package_service_pb2_grpc import PackageServiceStub

    metadata = (("authorization", token.bearer),)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = PackageServiceStub(channel)
        for index, package_id in enumerate(package_ids):
            numbers = range(index, EVENTS, PACKAGES)
            expected = (
                runs * STREAMS * sum(n % 1000 for n in numbers),
                runs * STREAMS * 2 * len(numbers), runs * STREAMS * len(numbers))
            total = stub.GetPackageBandwidthUsage(
                packages.GetPackageBandwidthUsageRequest(
                    package_id=package_id,
                    start_time=timestamp_pb2.Timestamp(seconds=int(time.time()) - 86_400),
                    interval=packages.BANDWIDTH_INTERVAL_HOUR),
                metadata=metadata).bandwidth_usage.total
            counted = (total.in_bytes, total.out_bytes, total.requests)
            if counted != expected:
                raise SystemExit(f"package {index}: {expected} were sent, {counted} are counted")


def measure_rounds(server, client, token, packages_file, rounds):
    """Events a second, CPU seconds an event, and the latencies' percentiles, of each round."""
    measured = []
    for number in range(rounds):
        load = Load(client, token, packages_file, f"round-{number}")
        before = server.cpu_seconds()
        seconds, accepted, duplicates, median, p99 = load.run(server.port)
        if (accepted, duplicates) != (EVENTS * STREAMS, 0):
            raise SystemExit(f"{accepted:,} were accepted, {duplicates:,} were duplicates")
        cost = (server.cpu_seconds() - before) / accepted
        measured.append((accepted / seconds, cost, median, p99))
    return [statistics.median(column) for column in zip(*measured)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    packd = benchmark.find_packd()
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        client = build_client(work)
        token = benchmark.Token(packd, work)
        command = benchmark.serve_command(packd, token, work / "data")
        packages_file = work / "packages"
        with benchmark.Server(command) as server:
            package_ids = make_packages(server.port, token, PACKAGES)
            packages_file.write_text("\n".join(package_ids) + "\n")
            rate, cost, median, p99 = measure_rounds(
                server, client, token, packages_file, options.rounds)
            load = Load(client, token, packages_file, "killed")
            load.run(server.port, kill=server.process)
        cut_off = sum(load.acknowledged)
        with benchmark.Server(command) as server:
            _, accepted, duplicates, _, _ = load.run(server.port)
            check_sums(server.port, token, package_ids, options.rounds + 1)
    benchmark.row(f"IngestUsage, {STREAMS} streams, each event on the disk, one core",
                  f"{rate:,.0f}/s", f">= {MIN_EVENTS_PER_SECOND:,}/s",
                  rate >= MIN_EVENTS_PER_SECOND)
    benchmark.row("IngestUsage: CPU of an event", f"{cost * 1e6:.1f} us")
    benchmark.row(f"IngestUsage, {IN_FLIGHT:,} in flight a stream: p50, p99",
                  f"{median / 1e3:.0f} ms, {p99 / 1e3:.0f} ms")
    # check_sums has ended the program if that is not so.
    benchmark.row("IngestUsage, kill -9: counted of sent, known when sent again",
                  f"{cut_off + accepted + duplicates:,.0f}, {duplicates:,.0f}", "all, once", True)


if __name__ == "__main__":
    main()
