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
    cached = re.search(r"cached plan by id: ([\d.]+) ns", text)
    benchmark.row("store alone: a cached plan by id", f"{cached[1]} ns")


if __name__ == "__main__":
    main()
