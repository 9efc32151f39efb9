"""What the daemon has counted, as its /metrics shows it."""

import time

from packd_testing.metrics import metrics


def limit_hits(daemon, name):
    return metrics(daemon)[f'packd_limit_hits_total{{limit="{name}"}}']


def closed(daemon, reason):
    return metrics(daemon).get(f'packd_connections_closed_total{{reason="{reason}"}}', 0)


def wait_for(condition, seconds=5):
    """What `condition` gives, once it is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)
    return found
