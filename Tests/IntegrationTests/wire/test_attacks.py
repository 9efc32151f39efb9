"""Floods: each is stopped by the limit that is there for it, and costs neither the daemon its
memory nor a good client its answers."""

import statistics
import subprocess
import sys
import time
from contextlib import contextmanager

import attacks
import pytest
from attacks import ATTACKS, LOADS
from beside import environment
from counted import closed, limit_hits, metrics, wait_for
from hostile import Hostile

# Fewer than by default, so that they are soon used up; and short times.
DAEMON_OPTIONS = [
    "--early-responses-per-second", "1000", "--handshake-timeout-seconds", "1",
    "--output-stall-timeout-seconds", "1",
]
ATTACK_SECONDS = 5
ROUNDS = 3
ROUND_SECONDS = 0.6
QUIET_SECONDS = 0.2
# What is slow for the machine's sake is not slow three times in a row.
ATTEMPTS = 3
# The attacker, the good client and the daemon share few processors here: each may have to wait
# for its turn, which is not the daemon's doing. A p99 is taken for no less than this when it is
# doubled.
MIN_QUIET_P99_SECONDS = 0.005
# Most of it is what the allocator keeps for the threads that inflate.
MAX_GROWTH_BYTES = 32 * 1024 * 1024


@contextmanager
def attacking(name, port, seconds):
    """In a process of its own, which has begun when the block begins."""
    with subprocess.Popen(
        [sys.executable, attacks.__file__, name, str(port), str(seconds)],
        stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout.readline() == b"attacking\n"
        yield
        assert process.wait() == 0


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_stopped_by_its_limit(beside, daemon, port, name):
    attack = ATTACKS[name]
    # The good client's alone: those of the tests before are counted.
    wait_for(lambda: metrics(daemon)["packd_connections_open"] == 1)
    before = closed(daemon, attack.reason)
    with Hostile(port, attack.reads) as hostile:
        stop = attack.begin(port, hostile, ATTACK_SECONDS)
    assert stop.code == attack.code, stop
    wait_for(lambda: closed(daemon, attack.reason) == before + 1)
    if attack.reason != "protocol_error":
        assert limit_hits(daemon, attack.reason) > 0


def p99(client, seconds):
    with client.measured() as figures:
        time.sleep(seconds)
    return figures.p99


def ratio(client, port, name):
    """How many times as long a good client waits beside an attack as it does alone."""
    quiet = statistics.median(p99(client, QUIET_SECONDS) for _ in range(ROUNDS))
    with attacking(name, port, (ROUNDS + 1) * ROUND_SECONDS):
        beside = statistics.median(p99(client, ROUND_SECONDS) for _ in range(ROUNDS))
    return beside / max(quiet, MIN_QUIET_P99_SECONDS)


@pytest.mark.parametrize("name", LOADS)
def test_a_good_client_is_served_as_fast_beside_it(good_client, port, name):
    ratios = []
    while not ratios or ratios[-1] > 2:
        assert len(ratios) < ATTEMPTS, ratios
        ratios.append(ratio(good_client, port, name))
