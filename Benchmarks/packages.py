"""GetPackage and GetPackageUsage beside a bare nghttp2 server (floor.c), and the first and the
last page of a long list, on a SQLite store of 100,000 packages that StorageBenchmark has filled.

usage: packages.py [--rounds 5] [--seconds 2]

As unary.py: every server is pinned to core 0 and loaded with h2load on core 1, and compared is
the CPU time that a call costs the server.
"""
import argparse
import os
import pathlib
import statistics
import subprocess

import benchmark
import hosting
from packd.v1 import package_service_pb2 as packages

PACKAGES = 100_000
PAGE_ELEMENTS, MAX_PAGE_ELEMENTS = 50, 1_000
WARM_UP_CALLS = 2_000
# Connections and streams of each.
POINT_SHAPE, LIST_SHAPE = (10, 100), (10, 10)
MAX_FLOOR_RATIO, MAX_PAGE_MICROSECONDS, MAX_LAST_RATIO = 4.0, 60.0, 1.15


def fill(path):
    """A file with the packages of the account "default"."""
    named = os.environ.get("STORAGE_BENCHMARK_BIN")
    binary = pathlib.Path(named or benchmark.ROOT / ".build/release/StorageBenchmark").resolve()
    if not binary.is_file():
        raise SystemExit(f"no {binary}: run `make bench`, or set STORAGE_BENCHMARK_BIN")
    path.parent.mkdir()
    subprocess.run([binary, "--fill", path, str(PACKAGES)], check=True)


def last_page_token(client):
    """Of the page with which the list ends, found by going through all of it."""
    left, token = PACKAGES - PAGE_ELEMENTS, ""
    while left > 0:
        page = client.call("ListPackages", packages.ListPackagesRequest(
            page_size=min(left, MAX_PAGE_ELEMENTS), page_token=token))
        left -= len(page.hosting_packages)
        token = page.next_page_token
    page = client.call("ListPackages", packages.ListPackagesRequest(page_token=token))
    if len(page.hosting_packages) != PAGE_ELEMENTS or page.next_page_token:
        raise SystemExit("the last page is not what it is to be")
    return token


def calls(client, work):
    """Every call that is measured, by its name: what h2load takes, and its shape."""
    first = client.call("ListPackages", packages.ListPackagesRequest())
    found = {
        name: (call, POINT_SHAPE) for name, call in
        hosting.point_calls(work, first.hosting_packages[0].id).items()
    }
    for name, token in (("first", ""), ("last", last_page_token(client))):
        body = hosting.body_file(
            work, f"{name} page", packages.ListPackagesRequest(page_token=token))
        found[f"ListPackages, {name} page"] = (
            {"method": hosting.SERVICE + "ListPackages", "body": body}, LIST_SHAPE)
    return found


def measure(server, header, seconds, call, shape):
    """CPU microseconds per call, and calls per second."""
    connections, streams = map(str, shape)
    benchmark.h2load(
        server.port, ["-n", str(WARM_UP_CALLS), "-c", connections, "-m", streams], header, **call)
    before = server.cpu_seconds()
    done, _ = benchmark.h2load(
        server.port, ["-D", str(seconds), "-c", connections, "-m", streams], header, **call)
    return (server.cpu_seconds() - before) / done * 1e6, done / seconds


def show(name, shape, measured, floor):
    cpu = statistics.median(cpu for cpu, _ in measured)
    rate = statistics.median(rate for _, rate in measured)
    shape = "x".join(map(str, shape))
    if name.startswith("ListPackages"):
        benchmark.row(
            f"{name} of 50 of 100,000, {shape}: CPU", f"{cpu:.1f} us, {rate:,.0f}/s",
            f"<= {MAX_PAGE_MICROSECONDS:.0f} us", cpu <= MAX_PAGE_MICROSECONDS)
        return
    ratio = statistics.median(ours / bare for (ours, _), (bare, _) in zip(measured, floor))
    benchmark.row(
        f"{name} {shape}: CPU, of the floor's", f"{ratio:.2f}x = {cpu:.2f} us, {rate:,.0f}/s",
        f"<= {MAX_FLOOR_RATIO}x", ratio <= MAX_FLOOR_RATIO)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    packd = benchmark.find_packd()
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        token = benchmark.Token(packd, work)
        command = benchmark.serve_command(packd, token, work / "data")
        bare = benchmark.build_floor(work)
        fill(work / "data/packd.db")
        with benchmark.Server(command, core=None) as server:
            with hosting.Client(server.port, token) as client:
                asked = calls(client, work)
        floor, rounds = [], {name: [] for name in asked}
        for _ in range(options.rounds):
            with benchmark.Server([bare, "{port}"]) as server:
                floor.append(measure(server, token.header, options.seconds, {}, POINT_SHAPE))
            with benchmark.Server(command) as server:
                for name, (call, shape) in asked.items():
                    rounds[name].append(
                        measure(server, token.header, options.seconds, call, shape))
    for name, measured in rounds.items():
        show(name, asked[name][1], measured, floor)
    first, last = (rounds[f"ListPackages, {page} page"] for page in ("first", "last"))
    ratio = statistics.median(l / f for (f, _), (l, _) in zip(first, last))
    benchmark.row("ListPackages, last page: CPU, of the first's", f"{ratio:.2f}x",
                  f"<= {MAX_LAST_RATIO}x", ratio <= MAX_LAST_RATIO)


if __name__ == "__main__":
    main()
