"""Whether a recorded history could have come from one caller at a time.

The search of Wing and Gong (JPDC 17, 1993) with Lowe's memory of what was tried (2017): operations
that were called before the first of the open ones has returned may be next; each is applied to the
model, and a step that its answer contradicts is taken back. A user is checked alone, for users share
nothing (locality: Herlihy and Wing, TOPLAS 12, 1990).
"""

from dataclasses import dataclass

# An operation whose answer was lost may take effect at any later time, or never.
LOST = object()
FOREVER = float("inf")


@dataclass(frozen=True)
class Operation:
    """What one caller asked, what it was told, and when, on one clock."""

    name: str
    arguments: tuple
    answer: object
    called: float
    returned: float = FOREVER

    def __str__(self):
        answer = "?" if self.answer is LOST else self.answer
        return f"[{self.called:.6f}, {self.returned:.6f}] {self.name}{self.arguments} -> {answer}"


class NotLinearizable(AssertionError):
    """No order of the operations explains their answers."""

    def __init__(self, longest, history):
        shown = "\n".join(
            f"{'ok ' if longest >> index & 1 else '   '}{operation}"
            for index, operation in enumerate(history))
        super().__init__(
            f"no order explains these answers; {longest.bit_count()} of {len(history)} could be "
            f"put in order:\n{shown}")


def check(history, model, state):
    """Raises NotLinearizable unless the history is one of the model's.

    model(state, operation) gives the state after an operation whose answer it allows, or None; of
    an operation whose answer is LOST, the state that it may have left."""
    history = sorted(history, key=lambda operation: operation.called)
    # Sets of operations are bits of a number.
    required = sum(
        1 << index for index, operation in enumerate(history) if operation.answer is not LOST)
    tried, longest = set(), 0
    # A stack of its own: a history is longer than Python's.
    stack = [(0, state)]
    while stack:
        taken, state = stack.pop()
        if required & ~taken == 0:
            return
        if taken.bit_count() > longest.bit_count():
            longest = taken
        for index in candidates(history, taken):
            after = model(state, history[index])
            step = (taken | 1 << index, after)
            if after is not None and step not in tried:
                tried.add(step)
                stack.append(step)
    raise NotLinearizable(longest, history)


def candidates(history, taken):
    """What may be next: it was called before any of the open ones had returned. Last comes, to be
    tried first, what was called first."""
    found, first_return = [], FOREVER
    # The lowest bit that is not set.
    for index in range((~taken & taken + 1).bit_length() - 1, len(history)):
        if history[index].called > first_return:
            break
        if not taken >> index & 1:
            found.append(index)
            first_return = min(first_return, history[index].returned)
    return reversed(found)
