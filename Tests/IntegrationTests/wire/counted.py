"""What the daemon has counted, as its /metrics shows it."""

from packd_testing.metrics import metrics


def limit_hits(daemon, name):
    return metrics(daemon)[f'packd_limit_hits_total{{limit="{name}"}}']


def closed(daemon, reason):
    return metrics(daemon).get(f'packd_connections_closed_total{{reason="{reason}"}}', 0)
