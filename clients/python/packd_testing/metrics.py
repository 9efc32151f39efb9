"""What the daemon has counted, as its /metrics shows it."""

import urllib.request


def metrics(daemon):
    """Every sample by its name and labels as they are written."""
    url = f"http://127.0.0.1:{daemon.admin_port}/metrics"
    with urllib.request.urlopen(url, timeout=5) as response:
        lines = response.read().decode("utf-8").splitlines()
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}
