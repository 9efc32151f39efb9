"""A package's limit of listings, with 64 callers of one user and kill -9."""

import random
import sqlite3
import threading
import time

from model import LIMITS
from packd_testing.waiting import wait_for
from recorder import RETRY_SECONDS, Recorder
from tenures import check_limit

SEED = 23
USER = "user"
PACKAGE = 2
CALLERS = 64
# Together they want four times what the package has.
LISTINGS_EACH = 2
KILLS = 4
# Calls that are answered between two of them.
KILL_AFTER_CALLS = (300, 900)


class Racer(Recorder):
    """A caller with listings that no other caller names."""

    def __init__(self, daemon, number, seed):
        super().__init__(daemon, USER, seed)
        self.listings = [f"listing-{number}-{count}" for count in range(LISTINGS_EACH)]

    def race(self, is_over):
        while not is_over.is_set():
            call = self.numbers.choice([self.reserve, self.reserve, self.commit, self.release])
            call(self.numbers.choice(self.listings))

    def reserve_all(self):
        for listing in self.listings:
            self.reserve(listing)
        self.close()


def in_threads(calls):
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join(2 * RETRY_SECONDS)
        assert not thread.is_alive()


def test_a_limit_holds_for_64_callers_through_kills(own_daemon):
    numbers = random.Random(SEED)
    own_daemon.start()
    buyer = Recorder(own_daemon, USER, SEED)
    buyer.purchase(PACKAGE)
    assert buyer.history[0].answer == "OK"
    buyer.close()
    racers = [Racer(own_daemon, number, numbers.random()) for number in range(CALLERS)]

    def answered():
        return sum(len(racer.history) for racer in racers)

    def is_answered_since(moment):
        return all(racer.history and racer.history[-1].called > moment for racer in racers)

    is_over = threading.Event()
    threads = in_threads([lambda racer=racer: racer.race(is_over) for racer in racers])
    for _ in range(KILLS):
        enough = answered() + numbers.randint(*KILL_AFTER_CALLS)
        wait_for(lambda: answered() >= enough)
        own_daemon.kill()
        own_daemon.start()
    restarted = time.monotonic()
    wait_for(lambda: is_answered_since(restarted))
    is_over.set()
    join(threads)
    # Nothing is given back any more, so that all of the package is taken.
    join(in_threads([racer.reserve_all for racer in racers]))

    history = [operation for racer in racers for operation in racer.history]
    left = check_limit(history, LIMITS[PACKAGE])
    assert len(left) == LIMITS[PACKAGE]
    own_daemon.stop()
    check_the_file(own_daemon.folder / "packd.db", left)


def check_the_file(path, listings):
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT listing_id FROM listing_slots").fetchall()
        assert sorted(row[0] for row in rows) == sorted(listings)
        counts = database.execute("SELECT held + committed FROM listing_slot_counts").fetchall()
        assert counts == [(len(listings),)]
