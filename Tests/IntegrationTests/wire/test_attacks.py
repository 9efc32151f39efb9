"""Floods: each is stopped by the limit that is there for it, and costs neither the daemon its
memory nor a good client its time."""

import statistics
import subprocess
import sys
import time

import attacks
import pytest
from attacks import ATTACKS, LOADS
from beside import environment
from counted import closed, limit_hits, metrics
from hostile import Hostile
from packd_testing.waiting import wait_for

# Fewer than by default, so that they are soon used up; and short times.
DAEMON_OPTIONS = [
    "--early-responses-per-second", "1000", "--handshake-timeout-seconds", "1",
    "--output-stall-timeout-seconds", "1",
]
ATTACK_SECONDS = 5
# Each round is an attack, and then calls that do no harm. More than the fewest are made of what
# looks slow: all of them count.
FEWEST_ROUNDS = 3
MOST_ROUNDS = 15
ROUND_SECONDS = 0.25
# A p99 is taken for no less than this when it is doubled. The scheduler may take 4 ms to look who
# waits for a processor, which one in a hundred calls may run into here.
MIN_P99_SECONDS = 0.0025
MIN_SHARE = 0.02
# Most of it is what the allocator keeps for the threads that inflate.
MAX_GROWTH_BYTES = 32 * 1024 * 1024


class Neighbour:
    """A process that attacks, or makes calls that do no harm and ask as much of the processors
    as its attacks do: the daemon, the good client and this one share few of them here, and who
    waits for one does not wait because it is an attack."""

    def __init__(self, daemon):
        self.process = subprocess.Popen(
            [sys.executable, attacks.__file__, str(daemon.port), str(daemon.process.pid)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env=environment())

    def p99(self, client, name="", share=1.0):
        """The good client's beside it, and the share of the processors that was asked for."""
        self.process.stdin.write(f"{name}\t{ROUND_SECONDS}\t{share}\n")
        assert self.process.stdout.readline() == "begun\n"
        with client.measured() as figures:
            time.sleep(ROUND_SECONDS)
        return figures.p99, float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(ATTACK_SECONDS) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module")
def neighbour(daemon):
    one = Neighbour(daemon)
    yield one
    one.close()


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


@pytest.mark.parametrize("name", LOADS)
def test_a_good_client_is_served_as_fast_beside_it(good_client, neighbour, port, name):
    del port  # whose fixture looks after the daemon
    attacked, harmless, shares = [], [], []
    while len(attacked) < FEWEST_ROUNDS or not is_within(attacked, harmless):
        assert len(attacked) < MOST_ROUNDS, (attacked, harmless, shares)
        p99, share = neighbour.p99(good_client, name)
        attacked.append(p99)
        shares.append(share)
        p99, _ = neighbour.p99(good_client, share=max(MIN_SHARE, statistics.mean(shares)))
        harmless.append(p99)


def is_within(attacked, harmless):
    return statistics.median(attacked) <= 2 * max(
        MIN_P99_SECONDS, statistics.median(harmless))
