"""packctl as a command."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from packd_testing.daemon import find_binary

TIMEOUT_SECONDS = 60
EXIT_OK = 0
EXIT_PARTLY_READ = 1
EXIT_PARTLY_COUNTED = 3
EXIT_USAGE = 64
EXIT_DATA = 65
EXIT_NO_INPUT = 66
EXIT_UNAVAILABLE = 69
EXIT_WRONG_ANSWER = 76
EXIT_DENIED = 77


def packctl():
    """Beside the daemon, or PACKCTL_BIN."""
    named = os.environ.get("PACKCTL_BIN")
    path = Path(named) if named else find_binary().with_name("packctl")
    if not path.is_file():
        raise FileNotFoundError(f"no packctl at {path}; set PACKCTL_BIN")
    return str(path)


def some_token():
    """A file with a token, for a daemon that takes any."""
    path = Path(tempfile.gettempdir()) / f"packctl-token-{os.getuid()}"
    if not path.exists():
        path.write_text("any-token\n", encoding="utf-8")
    return str(path)


def environment(**settings):
    """Nothing of packctl's own but a token and what is given."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("PACKCTL_")}
    return {**inherited, "PACKCTL_TOKEN_FILE": some_token(), **settings}


def run(*arguments, settings=(), **options):
    return subprocess.run(
        [packctl(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=TIMEOUT_SECONDS, check=False, env=environment(**dict(settings)),
        **options)


# A process inherits the peak of the one that it was made of, so a small one makes it.
MEASURE = """
import os, subprocess, sys
with open(sys.argv[1], "w") as report:
    status = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
    import resource
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    report.write(f"{usage.ru_maxrss} {usage.ru_utime + usage.ru_stime}")
sys.exit(status)
"""


def measure(report, *arguments):
    """Runs packctl; the result, its peak of resident memory in KiB, and its CPU seconds."""
    result = subprocess.run(
        [sys.executable, "-S", "-c", MEASURE, str(report), packctl(), *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
        check=False, env=environment())
    peak, seconds = Path(report).read_text().split()
    return result, int(peak), float(seconds)


def start(*arguments):
    return subprocess.Popen(
        [packctl(), *map(str, arguments)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())


def expect(result, status=EXIT_OK):
    """The exit status, and the JSON of stdout."""
    seen = f"exit {result.returncode}: {result.stdout!r} {result.stderr!r}"
    assert result.returncode == status, seen
    return json.loads(result.stdout) if result.stdout else None
