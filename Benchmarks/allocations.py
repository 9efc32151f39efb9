"""Allocations per GetPlan call of a running packd, beyond nghttp2's own, against a threshold.

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

FEW, MANY = 20_000, 120_000


def count(command, library, calls, header, work):
    """Allocations of the whole process `command` while h2load makes `calls` calls."""
    result = work / "count"
    with benchmark.Server(command, preload=library, count_file=result) as server:
        benchmark.h2load(server.port, ["-n", str(calls), "-c", "10", "-m", "100"], header)
    return int(result.read_text())


def per_call(command, library, header, work):
    few = count(command, library, FEW, header, work)
    many = count(command, library, MANY, header, work)
    return (many - few) / (MANY - FEW)


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
        bare = per_call([floor, "{port}"], library, token.header, work)
        ours = per_call(command, library, token.header, work)
    limit = json.loads((here / "thresholds.json").read_text())["getPlanAllocations"]
    benchmark.row(f"GetPlan: allocations per call beyond nghttp2's own {bare:.1f}",
                  f"{ours - bare:.2f}", f"<= {limit}", ours - bare <= limit)
    if check and ours - bare > limit:
        sys.exit("allocations: over the threshold in Benchmarks/thresholds.json")


main()
