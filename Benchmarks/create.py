"""CreatePlan over the wire on a SQLite file, every call durable before its answer: 64 callers
at a time, who share commits, beside one, who has a commit for each call.

usage: create.py [--rounds 3]
"""
import argparse
import pathlib
import sqlite3
import statistics

import benchmark
import load
import plans

ALONE_CALLS, TOGETHER_CALLS = 2_000, 40_000
# 64 callers.
CONNECTIONS, STREAMS = 8, 8


def percentile(times, percent):
    return times[min(len(times) - 1, len(times) * percent // 100)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    packd = benchmark.find_packd()
    alone, together = [], []
    made = 0
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        token = benchmark.Token(packd, work)
        with benchmark.Server(
                benchmark.serve_command(packd, token, work / "data"), core=None) as server:
            def create(count, connections, streams):
                nonlocal made
                requests = list(plans.creations(made, count))
                made += count
                return load.run(
                    server.port, plans.CREATE, token.bearer, requests, connections, streams)
            for _ in range(options.rounds):
                alone.append(create(ALONE_CALLS, 1, 1))
                together.append(create(TOGETHER_CALLS, CONNECTIONS, STREAMS))
        with sqlite3.connect(work / "data/packd.db") as database:
            (kept,) = database.execute(
                "SELECT count(*) FROM plans WHERE code LIKE 'plan-%'").fetchone()
        if kept != made:
            raise SystemExit(f"{made} plans were acknowledged, {kept} are in the file")
    commit = statistics.median(seconds / ALONE_CALLS for seconds, _ in alone)
    p99_alone = statistics.median(percentile(times, 99) for _, times in alone)
    rate = statistics.median(TOGETHER_CALLS / seconds for seconds, _ in together)
    p99 = statistics.median(percentile(times, 99) for _, times in together)
    ratio = statistics.median(
        (TOGETHER_CALLS / t[0]) / (ALONE_CALLS / a[0]) for a, t in zip(alone, together))
    benchmark.row("CreatePlan, one caller, a commit per call: mean",
                  f"{commit * 1e3:.2f} ms, {1 / commit:,.0f}/s")
    benchmark.row("CreatePlan, one caller: p99, of its mean",
                  f"{p99_alone / commit:.1f}x = {p99_alone * 1e3:.2f} ms")
    benchmark.row("CreatePlan, 64 callers: rate, of one caller's",
                  f"{ratio:.1f}x = {rate:,.0f}/s", ">= 8x", ratio >= 8)
    benchmark.row("CreatePlan, 64 callers: p99, of one caller's mean",
                  f"{p99 / commit:.1f}x = {p99 * 1e3:.2f} ms", "< 20x", p99 < 20 * commit)


if __name__ == "__main__":
    main()
