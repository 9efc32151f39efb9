"""The binary as a command."""

import os
import subprocess

from .daemon import find_binary

TIMEOUT_SECONDS = 10


def run(*arguments, environment=(), folder=None, **options):
    """Runs packd to its end with these arguments, and with nothing of packd's own in the
    environment but what is given."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("PACKD_")}
    return subprocess.run(
        [str(find_binary()), *map(str, arguments)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False, cwd=folder,
        env={**inherited, **dict(environment)}, **options)


def expect_refusal(result, status, *named):
    """Expects the end of a command that could not do its work: this exit status, nothing on
    stdout, and one line on stderr that has each of the texts in it."""
    seen = f"exit {result.returncode}: {result.stdout!r} {result.stderr!r}"
    assert result.returncode == status, seen
    assert result.stdout == "", seen
    assert result.stderr.startswith("packd: "), seen
    assert result.stderr.endswith("\n"), seen
    assert len(result.stderr.splitlines()) == 1, seen
    for text in named:
        assert text in result.stderr, f"{text!r} is not in {result.stderr!r}"
