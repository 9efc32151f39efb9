"""Allocations per GetPlan call of a running packd, beyond nghttp2's own, against a threshold.

usage: allocations.py PACKD [--check]

The daemon runs twice under malloc_count.so, with few calls and with many, 10 connections x 100
streams, a Bearer token and the default store; the difference is what calls cost. A bare nghttp2
server (floor.c) is counted the same way. --check fails above Benchmarks/thresholds.json.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

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
    packd, check = sys.argv[1], "--check" in sys.argv
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        library = work / "malloc_count.so"
        subprocess.run(
            ["gcc", "-O2", "-shared", "-fPIC", "-o", library, here / "malloc_count.c"], check=True)
        floor = benchmark.build_floor(work)
        token = benchmark.Token(packd, work)
        command = [packd, "serve", "--listen", "127.0.0.1:{port}", "--store",
                   f"sqlite:{work}/data/packd.db", "--jwt-secret-file", str(token.secret_path)]
        bare = per_call([str(floor), "{port}"], library, token.header, work)
        ours = per_call(command, library, token.header, work)
    limit = json.loads((here / "thresholds.json").read_text())["getPlanAllocations"]
    print(f"allocations per GetPlan call: {ours:.2f} in all, {bare:.2f} of a bare nghttp2 server, "
          f"{ours - bare:.2f} our own (at most {limit})")
    if check and ours - bare > limit:
        sys.exit("allocations: over the threshold in Benchmarks/thresholds.json")


main()
