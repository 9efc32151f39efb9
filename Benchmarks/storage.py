"""The store in SQLite by itself: group commit beside one commit per call, and cached reads:
StorageBenchmark.

usage: storage.py [BINARY]
"""
import re

import benchmark
import swift_benchmark


def main():
    with benchmark.work_folder() as folder:
        text = swift_benchmark.output("StorageBenchmark", benchmark.ROOT, f"{folder}/data")
    rate, p99 = map(float, re.search(
        r"group commit: ([\d.]+) times the rate, p99 of ([\d.]+) single commits", text).groups())
    benchmark.row("store alone, 64 writers: rate, of one writer's", f"{rate:.1f}x", ">= 8x",
                  rate >= 8)
    benchmark.row("store alone, 64 writers: p99, of one commit", f"{p99:.1f}x", "< 20x", p99 < 20)
    for what in "plan", "package":
        cached = re.search(rf"cached {what} by id: ([\d.]+) ns", text)
        benchmark.row(f"store alone: a cached {what} by id", f"{cached[1]} ns")
    pages = dict(re.findall(
        r"page of 50 of 100000 packages, the (first|last): .* ([\d.]+) us CPU cached", text))
    for which in "first", "last":
        benchmark.row(f"store alone: 50 of 100,000 packages, the {which} page",
                      f"{pages[which]} us CPU", "<= 60 us", float(pages[which]) <= 60)
    every = re.search(r"each of \d+ once: ([\d.]+) us CPU", text)
    benchmark.row("store alone: the same, every page once", f"{every[1]} us CPU")
    events = re.search(r"([\d.]+) us CPU each, (\d+) insertions per second of CPU", text)
    benchmark.row("store alone: a usage event, all in", f"{events[1]} us CPU")
    benchmark.row("store alone: insertions of events", f"{events[2]} per s of CPU", ">= 150k",
                  int(events[2]) >= 150_000)


if __name__ == "__main__":
    main()
