"""One plan decoded and encoded by packd's codecs, by SwiftProtobuf and by libprotobuf-c, in one
process and in turns: Sources/CodecBenchmark, in a package of its own.

usage: codec.py [BINARY]
"""
import re

import benchmark
import swift_benchmark

# What packd must be faster than.
TARGETS = {"decode": ["SwiftProtobuf"], "encode to a new array": ["SwiftProtobuf", "libprotobuf-c"],
           "encode to a ready buffer": ["libprotobuf-c"]}


def tables(text):
    """Nanoseconds by title and name."""
    found, title = {}, None
    for line in text.splitlines():
        if heading := re.match(r"\| (.+?) \| ns \|", line):
            title = heading[1]
            found[title] = {}
        elif measured := re.match(r"\| (.+?) \| (\d+) \|", line):
            found[title][measured[1]] = int(measured[2])
    return found


def main():
    text = swift_benchmark.output("CodecBenchmark", benchmark.HERE)
    for title, times in tables(text).items():
        ours = times.pop("packd")
        for name, theirs in times.items():
            judged = name in TARGETS[title]
            benchmark.row(f"{title}: packd, of {name}", f"{ours / theirs:.2f}x = {ours} ns",
                          "< 1x" if judged else "", ours < theirs if judged else None)


if __name__ == "__main__":
    main()
