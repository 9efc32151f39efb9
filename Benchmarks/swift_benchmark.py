"""Runs a benchmark that is written in Swift."""
import subprocess
import sys


def output(name, package, *arguments):
    """What the benchmark `name` of `package` prints: built when need be, or the binary that is
    given on the command line."""
    ready = sys.argv[1:]
    command = ready or ["swift", "run", "--package-path", str(package), "-c", "release", name]
    return subprocess.run(
        [*command, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout
