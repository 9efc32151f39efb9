"""Purchases and listings under racing callers and kill -9: what each user's callers were told is what
one caller after the other could have been told, and the money adds up."""

import random
import sqlite3
import threading

from linearizability import LOST, check
from model import BUSY, State, check_busy, model
from packd_testing.waiting import wait_for
from recorder import RETRY_SECONDS, Recorder

SEED = 19
USERS = 6
CALLERS_PER_USER = 4
KILLS = 4
# Calls that are answered between two of them.
KILL_AFTER_CALLS = (150, 450)
# More than the smallest package has.
LISTINGS = [f"listing-{number}" for number in range(16)]
PACKAGES = [1, 2]
SHOPPERS = 4
# What a kill leaves open is decided once the gateway's time is over.
GATEWAY = ["--gateway-timeout-seconds", "1"]
# For each answer to come up, which takes some seconds.
CHANCE_SECONDS = 120
# What each user is told before the end, so that there is something to check.
TOLD = {("purchase", "OK"), ("reserve", "OK"), ("commit", "OK")}


def test_histories_are_linearizable_through_kills(own_daemon):
    numbers = random.Random(SEED)
    own_daemon.options += GATEWAY
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
    users = sorted({caller.user for caller in callers})

    def history(user):
        return [
            operation for caller in callers if caller.user == user
            for operation in list(caller.history)]

    def told(*some):
        return {(operation.name, operation.answer) for user in some for operation in history(user)}

    def answered():
        return sum(len(caller.history) for caller in callers)

    for _ in range(KILLS):
        enough = answered() + numbers.randint(*KILL_AFTER_CALLS)
        wait_for(lambda: answered() >= enough)
        own_daemon.kill()
        own_daemon.start()
    wait_for(lambda: all(TOLD <= told(user) for user in users))
    # Of some who race for the last slot, one has none.
    wait_for(lambda: ("reserve", "LISTING_LIMIT_REACHED") in told(*users))
    is_over.set()
    for thread in threads:
        thread.join(2 * RETRY_SECONDS)
        assert not thread.is_alive()

    for user in users:
        check(history(user), model, State())
        check_busy(history(user))
    lost = sum(op.answer is LOST for caller in callers for op in caller.history)
    assert lost == 0, "calls that were never answered"
    own_daemon.stop()
    check_the_money(own_daemon.folder / "packd.db")


def test_who_is_told_of_another_purchase_is_told_the_truth(own_daemon):
    own_daemon.options += GATEWAY
    own_daemon.start()
    shoppers = [Recorder(own_daemon, "shopper", SEED + number) for number in range(SHOPPERS)]
    is_over = threading.Event()
    threads = [
        threading.Thread(target=shopper.shop, args=(is_over, PACKAGES), daemon=True)
        for shopper in shoppers
    ]
    for thread in threads:
        thread.start()

    def told_since(count):
        return {
            operation.answer for shopper in shoppers for operation in shopper.history[count:]}

    wait_for(lambda: {"OK"} | BUSY <= told_since(0), seconds=CHANCE_SECONDS)
    own_daemon.kill()
    before = max(len(shopper.history) for shopper in shoppers)
    own_daemon.start()
    wait_for(lambda: {"OK"} | BUSY <= told_since(before), seconds=CHANCE_SECONDS)
    is_over.set()
    for thread in threads:
        thread.join(2 * RETRY_SECONDS)
        assert not thread.is_alive()

    history = [operation for shopper in shoppers for operation in shopper.history]
    assert LOST not in {operation.answer for operation in history}
    check(history, model, State())
    check_busy(history)
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
