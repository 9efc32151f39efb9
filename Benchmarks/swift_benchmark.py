"""Runs the benchmarks of the package in this folder."""
import subprocess
import sys

import benchmark


def output(name, *arguments):
    """What the benchmark `name` prints: built when need be, or the binary given on the command
    line."""
    ready = sys.argv[1:]
    command = ready or ["swift", "run", "--package-path", str(benchmark.HERE), "-c", "release",
                        name]
    return subprocess.run(
        [*command, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout
