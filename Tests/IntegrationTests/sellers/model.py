"""What one user's purchases and listings do, one call after the other."""

from dataclasses import dataclass, replace

from linearizability import LOST

# Package ids of the first start, and their limits.
LIMITS = {1: 10, 2: 30, 3: 100}


@dataclass(frozen=True)
class State:
    """The user's current package, 0 for none, and the listings with a slot: True if committed."""

    package: int = 0
    slots: frozenset = frozenset()

    def has(self, listing):
        return any(name == listing for name, _ in self.slots)

    def with_slot(self, listing, is_committed):
        rest = {slot for slot in self.slots if slot[0] != listing}
        return replace(self, slots=frozenset(rest | {(listing, is_committed)}))

    def without(self, listing):
        return replace(
            self, slots=frozenset(slot for slot in self.slots if slot[0] != listing))


def purchase(state, answer, package):
    if package == state.package:
        allowed, after = {"PACKAGE_ALREADY_ACTIVE"}, state
    elif len(state.slots) > LIMITS[package]:
        allowed, after = {"LISTINGS_EXCEED_LIMIT"}, state
    else:
        allowed, after = {"OK"}, State(package)
    if answer in BUSY:
        return state
    return after if answer is LOST or answer in allowed else None


# While another payment of the user's is open, whatever comes of it. A state does not tell that, so
# that the model takes such an answer at any time; check_busy does not.
BUSY = {"PURCHASE_UNDER_WAY", "PAYMENT_UNDER_WAY"}


def check_busy(history):
    """Beside each purchase that was refused for another's sake there was another, from its call to
    its last try's answer: one that was not refused like it, and so never began."""
    purchases = [operation for operation in history if operation.name == "purchase"]
    begun = [operation for operation in purchases if operation.answer not in BUSY]
    for refused in purchases:
        if refused.answer in BUSY:
            assert any(
                other.called <= refused.returned and refused.called <= other.returned
                for other in begun), f"no other purchase beside {refused}"


def reserve(state, answer, listing):
    if state.package == 0:
        allowed, after = {"NO_ACTIVE_PACKAGE"}, state
    elif state.has(listing):
        allowed, after = {"OK"}, state
    elif len(state.slots) >= LIMITS[state.package]:
        allowed, after = {"LISTING_LIMIT_REACHED"}, state
    else:
        allowed, after = {"OK"}, state.with_slot(listing, False)
    return after if answer is LOST or answer in allowed else None


def commit(state, answer, listing):
    if state.package == 0:
        allowed, after = {"NO_ACTIVE_PACKAGE"}, state
    elif not state.has(listing):
        allowed, after = {"SLOT_NOT_FOUND"}, state
    else:
        allowed, after = {"OK"}, state.with_slot(listing, True)
    return after if answer is LOST or answer in allowed else None


def release(state, answer, listing):
    return state.without(listing) if answer is LOST or answer == "OK" else None


def look(state, answer):
    """The package, and how many slots of it are free."""
    if answer is LOST:
        return state
    free = LIMITS[state.package] - len(state.slots) if state.package else 0
    return state if answer == (state.package, free) else None


STEPS = {
    "purchase": purchase, "reserve": reserve, "commit": commit, "release": release, "look": look}


def model(state, operation):
    return STEPS[operation.name](state, operation.answer, *operation.arguments)
