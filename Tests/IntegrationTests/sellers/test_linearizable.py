"""Purchases and listings under racing callers and kill -9: what each user's callers were told is what
one caller after the other could have been told, and the money adds up."""

import itertools
import random
import sqlite3
import threading
import time

from linearizability import LOST, check
from model import State, model
from recorder import RETRY_SECONDS, Recorder

SEED = 19
USERS = 6
CALLERS_PER_USER = 4
KILLS = 4
KILL_AFTER_SECONDS = (0.3, 0.9)
# More than the smallest package has.
LISTINGS = [f"listing-{number}" for number in range(16)]
PACKAGES = [1, 2]


def test_histories_are_linearizable_through_kills(own_daemon):
    numbers = random.Random(SEED)
    own_daemon.start()
    callers = [
        Recorder(own_daemon, f"user-{number // CALLERS_PER_USER}", numbers.random())
        for number in range(USERS * CALLERS_PER_USER)
    ]
    is_over = threading.Event()
    threads = [
        threading.Thread(target=caller.run, args=(is_over, PACKAGES, LISTINGS), daemon=True)
        for caller in callers
    ]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(numbers.uniform(*KILL_AFTER_SECONDS))
        own_daemon.kill()
        own_daemon.start()
    time.sleep(KILL_AFTER_SECONDS[0])
    is_over.set()
    for thread in threads:
        thread.join(2 * RETRY_SECONDS)
        assert not thread.is_alive()

    for user, group in itertools.groupby(callers, key=lambda caller: caller.user):
        history = [operation for caller in group for operation in caller.history]
        assert any(operation.answer == "OK" for operation in history), user
        check(history, model, State())
    answers = {operation.answer for caller in callers for operation in caller.history}
    assert "LISTING_LIMIT_REACHED" in answers, "nothing raced for the last slot"
    lost = sum(op.answer is LOST for caller in callers for op in caller.history)
    assert lost == 0, "calls that were never answered"
    own_daemon.stop()
    check_the_money(own_daemon.folder / "packd.db")


def check_the_money(path):
    """Charges, receipts and purchases are one each; numbers have no gap."""
    with sqlite3.connect(path) as database:
        def rows(sql):
            return database.execute(sql).fetchall()

        charges = rows("SELECT transaction_id FROM sandbox_charges WHERE outcome = 1")
        receipts = rows("SELECT transaction_id FROM receipts WHERE transaction_id <> ''")
        assert sorted(charges) == sorted(receipts)
        assert charges, "nobody paid"
        sequences = [row[0] for row in rows("SELECT sequence FROM receipts ORDER BY sequence")]
        assert sequences == list(range(1, len(sequences) + 1))
        assert rows("SELECT count(*) FROM purchases") == [(len(sequences),)]
        assert rows("SELECT count(*) FROM payment_intents WHERE state IN (1, 2)") == [(0,)]
