"""Waiting for what another process or thread does in its own time."""

import time

# Far longer than anything takes on an idle machine: on a busy one, a test is to wait, not fail.
PATIENCE_SECONDS = 30


def wait_for(condition, seconds=PATIENCE_SECONDS):
    """What `condition` gives, once it is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)
    return found


def wait_for_log(daemon, *texts):
    """The first line of the daemon's log that has all of `texts`, once it is there: the log is
    written by a thread of its own, a moment after what it tells of."""
    def first_line():
        whole, _, _ = daemon.stderr.rpartition("\n")
        return next(
            (line for line in whole.splitlines() if all(text in line for text in texts)), None)

    try:
        return wait_for(first_line)
    except AssertionError:
        raise AssertionError(f"no line with {texts} in the log:\n{daemon.tail()}") from None
