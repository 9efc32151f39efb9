"""How many listings a user had at a time, where each listing is one caller's own.

There are too many orders of 64 calls at a time for linearizability.py. But what one caller alone
takes and gives back is surely held from the answer to the one until the call of the other."""

from dataclasses import dataclass

from linearizability import FOREVER


@dataclass
class Tenure:
    """A listing that had a slot: the times of the call that took it and of its answer, and the same
    of the one that gave it back."""

    asked: float
    given: float
    returning: float = FOREVER
    returned: float = FOREVER


# By whether the listing has a slot.
ANSWERS = {
    ("reserve", False): {"OK", "LISTING_LIMIT_REACHED"}, ("reserve", True): {"OK"},
    ("commit", False): {"SLOT_NOT_FOUND"}, ("commit", True): {"OK"},
    ("release", False): {"OK"}, ("release", True): {"OK"},
}


def tenures(history):
    """All of them, and those that are left at the end by their listings."""
    every, held = [], {}
    for operation in sorted(history, key=lambda operation: operation.called):
        [listing] = operation.arguments
        assert operation.answer in ANSWERS[operation.name, listing in held], str(operation)
        if operation.name == "release" and listing in held:
            tenure = held.pop(listing)
            tenure.returning, tenure.returned = operation.called, operation.returned
        elif operation.name == "reserve" and operation.answer == "OK" and listing not in held:
            held[listing] = Tenure(operation.called, operation.returned)
            every.append(held[listing])
    return every, held


def check_limit(history, limit):
    """Never were more than `limit` held, and only then was one refused; returns those that are
    left."""
    every, held = tenures(history)
    count = 0
    changes = [(tenure.given, 1) for tenure in every]
    changes += [(tenure.returning, -1) for tenure in every]
    for time, change in sorted(changes):
        count += change
        assert count <= limit, f"{count} listings of {limit} at {time:.6f}"
    for operation in history:
        if operation.answer == "LISTING_LIMIT_REACHED":
            beside = sum(
                tenure.asked <= operation.returned and operation.called <= tenure.returned
                for tenure in every)
            assert beside >= limit, f"{beside} listings of {limit} beside {operation}"
    return set(held)
