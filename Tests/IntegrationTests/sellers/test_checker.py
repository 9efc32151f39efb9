"""The checker itself: it lets pass what can be, and nothing else."""

import contextlib
import threading
import time

import pytest
from linearizability import FOREVER, LOST, NotLinearizable, Operation, check
from model import BUSY, LIMITS, State, check_busy, model
from tenures import check_limit


def op(name, *arguments, answer="OK", at=(0, 1)):
    return Operation(name, arguments, answer, *at)


CALLERS = 8
BOUGHT = op("purchase", 1, at=(0, 1))

POSSIBLE = {
    "nothing": [],
    "one after the other": [
        BOUGHT, op("reserve", "a", at=(2, 3)), op("look", answer=(1, 9), at=(4, 5))],
    "a read beside a write sees it or not": [
        BOUGHT, op("reserve", "a", at=(2, 9)), op("look", answer=(1, 10), at=(3, 4)),
        op("look", answer=(1, 9), at=(5, 6))],
    "a purchase that was lost and came later": [
        op("purchase", 1, answer=LOST, at=(0, FOREVER)),
        op("look", answer=(0, 0), at=(1, 2)), op("look", answer=(1, 10), at=(3, 4))],
    "a purchase that was lost for good": [
        op("purchase", 1, answer=LOST, at=(0, FOREVER)), op("look", answer=(0, 0), at=(9, 10))],
    "two buyers, one of whom is told that it is there": [
        BOUGHT, op("purchase", 1, answer="PACKAGE_ALREADY_ACTIVE", at=(0, 1))],
    "another package begins without listings": [
        BOUGHT, op("reserve", "a", at=(2, 3)), op("purchase", 2, at=(4, 5)),
        op("look", answer=(2, 30), at=(6, 7))],
    "the same listing again": [
        BOUGHT, op("reserve", "a", at=(2, 5)), op("reserve", "a", at=(3, 4)),
        op("look", answer=(1, 9), at=(6, 7))],
}

IMPOSSIBLE = {
    "two buyers of one package": [BOUGHT, op("purchase", 1, at=(0, 1))],
    "a read of before": [BOUGHT, op("look", answer=(0, 0), at=(2, 3))],
    "what was seen is gone": [
        BOUGHT, op("reserve", "a", at=(2, 9)), op("look", answer=(1, 9), at=(3, 4)),
        op("look", answer=(1, 10), at=(5, 6))],
    "eleven listings of ten": [
        BOUGHT, *(op("reserve", str(count), at=(2, 9)) for count in range(11))],
    "a refusal with room": [
        BOUGHT, op("reserve", "a", answer="LISTING_LIMIT_REACHED", at=(2, 3))],
    "a listing that nobody reserved": [BOUGHT, op("commit", "a", at=(2, 3))],
    "a lost call that came before it was made": [
        op("look", answer=(1, 10), at=(0, 1)),
        op("purchase", 1, answer=LOST, at=(2, FOREVER))],
}


@pytest.mark.parametrize("name", POSSIBLE)
def test_what_can_be_passes(name):
    check(POSSIBLE[name], model, State())


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_found(name):
    with pytest.raises(NotLinearizable):
        check(IMPOSSIBLE[name], model, State())


@pytest.mark.parametrize("answer", sorted(BUSY))
def test_a_busy_answer_has_another_purchase_beside_it(answer):
    busy = op("purchase", 2, answer=answer, at=(2, 4))
    for at in (0, 2), (3, 3), (1, 9), (4, 5):
        check_busy([op("purchase", 1, at=at), busy])
    # What was never answered may be under way for ever.
    check_busy([op("purchase", 1, answer=LOST, at=(0, FOREVER)), busy])
    refused_too = op("purchase", 1, answer="PAYMENT_UNDER_WAY", at=(2, 4))
    for others in [], [op("reserve", "a", at=(2, 4))], [refused_too]:
        with pytest.raises(AssertionError):
            check_busy([*others, op("purchase", 1, at=(0, 1)), busy, op("purchase", 3, at=(5, 6))])


class Slots:
    """Listings that are counted first and taken then: a race, unless one lock spans both. Without
    it, all callers have counted before one of them takes."""

    def __init__(self, is_locked):
        self.taken = set()
        self.lock = threading.Lock() if is_locked else contextlib.nullcontext()
        self.counted = threading.Barrier(1 if is_locked else CALLERS)

    def reserve(self, listing):
        with self.lock:
            is_full = len(self.taken) >= LIMITS[1]
            self.counted.wait()
            if is_full and listing not in self.taken:
                return "LISTING_LIMIT_REACHED"
            self.taken.add(listing)
            return "OK"


def history_of(slots):
    history = [Operation("purchase", (1,), "OK", -1, 0)]

    def call(caller):
        for count in range(3):
            called = time.monotonic()
            answer = slots.reserve(f"{caller}-{count}")
            history.append(
                Operation("reserve", (f"{caller}-{count}",), answer, called, time.monotonic()))

    callers = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return history


def test_a_planted_race_is_caught():
    check(history_of(Slots(is_locked=True)), model, State())
    with pytest.raises(NotLinearizable):
        check(history_of(Slots(is_locked=False)), model, State())


def reserved(*listings, at):
    return [op("reserve", listing, at=at) for listing in listings]


def test_listings_are_counted_that_were_surely_held():
    taken = reserved("a", "b", at=(0, 1))
    # The third may have come after the first was given back.
    given_back = op("release", "a", at=(2, 9))
    assert check_limit([*taken, given_back, *reserved("c", at=(3, 4))], 2) == {"b", "c"}
    refused = op("reserve", "c", answer="LISTING_LIMIT_REACHED", at=(3, 4))
    assert check_limit([*taken, given_back, refused], 2) == {"b"}


OVER_THE_LIMIT = {
    "one more": reserved("a", "b", "c", at=(0, 1)),
    "one that was given back too late": [
        *reserved("a", "b", at=(0, 1)), *reserved("c", at=(2, 3)), op("release", "a", at=(4, 5))],
    "a refusal with room": [
        *reserved("a", "b", at=(0, 1)), op("release", "a", at=(2, 3)),
        op("reserve", "c", answer="LISTING_LIMIT_REACHED", at=(4, 5))],
    "what was taken is gone": [
        *reserved("a", at=(0, 1)), op("commit", "a", answer="SLOT_NOT_FOUND", at=(2, 3))],
    "never answered": [op("reserve", "a", answer=LOST, at=(0, FOREVER))],
}


@pytest.mark.parametrize("name", OVER_THE_LIMIT)
def test_more_listings_than_the_limit_are_found(name):
    with pytest.raises(AssertionError):
        check_limit(OVER_THE_LIMIT[name], 2)


def test_a_planted_race_is_over_the_limit():
    # The purchase is of no listing.
    assert len(check_limit(history_of(Slots(is_locked=True))[1:], LIMITS[1])) == LIMITS[1]
    with pytest.raises(AssertionError):
        check_limit(history_of(Slots(is_locked=False))[1:], LIMITS[1])
