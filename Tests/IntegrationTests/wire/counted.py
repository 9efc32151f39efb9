"""What the daemon has counted, as its /metrics shows it."""

import time
import urllib.request


def metrics(daemon):
    """Every sample by its name and labels as they are written."""
    url = f"http://127.0.0.1:{daemon.admin_port}/metrics"
    with urllib.request.urlopen(url, timeout=5) as response:
        lines = response.read().decode("utf-8").splitlines()
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


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
