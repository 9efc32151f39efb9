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
from counted import closed, limit_hits, wait_for
from hostile import Hostile

ATTACK_SECONDS = 5
ROUNDS = 3
ROUND_SECONDS = 0.6
QUIET_SECONDS = 0.2
# The attacker, the good client and the daemon share few processors here: each may have to wait
# for its turn, which is not the daemon's doing. A p99 is taken for no less than this when it is
# doubled.
MIN_QUIET_P99_SECONDS = 0.005
MAX_GROWTH_BYTES = 128 * 1024 * 1024


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
    reason = attack.limit or "protocol_error"
    before = closed(daemon, reason)
    with Hostile(port, attack.reads) as hostile:
        stop = hostile.flood(attack.chunks(port), ATTACK_SECONDS)
    assert (stop.code, stop.words or reason) == (attack.code, reason), stop
    wait_for(lambda: closed(daemon, reason) == before + 1)
    assert attack.limit is None or limit_hits(daemon, attack.limit) > 0


def p99(client, seconds):
    with client.measured() as figures:
        time.sleep(seconds)
    return figures.p99


@pytest.mark.parametrize("name", LOADS)
def test_a_good_client_is_served_as_fast_beside_it(good_client, port, name):
    quiet = [p99(good_client, QUIET_SECONDS) for _ in range(ROUNDS)]
    with attacking(name, port, (ROUNDS + 1) * ROUND_SECONDS):
        beside = [p99(good_client, ROUND_SECONDS) for _ in range(ROUNDS)]
    allowed = 2 * max(MIN_QUIET_P99_SECONDS, statistics.median(quiet))
    assert statistics.median(beside) < allowed, f"{beside} s beside, {quiet} s alone"
