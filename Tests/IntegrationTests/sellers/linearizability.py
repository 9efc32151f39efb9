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
            f"{'ok ' if index in longest else '   '}{operation}"
            for index, operation in enumerate(history))
        super().__init__(
            f"no order explains these answers; {len(longest)} of {len(history)} could be put in "
            f"order:\n{shown}")


def check(history, model, state):
    """Raises NotLinearizable unless the history is one of the model's.

    model(state, operation) gives the state after an operation whose answer it allows, or None; of
    an operation whose answer is LOST, the state that it may have left."""
    history = sorted(history, key=lambda operation: operation.called)
    done = frozenset(
        index for index, operation in enumerate(history) if operation.answer is LOST)
    required = frozenset(range(len(history))) - done
    tried = set()
    longest = frozenset()
    # A stack of its own: a history is longer than Python's.
    stack = [(frozenset(), state)]
    while stack:
        taken, state = stack.pop()
        if required <= taken:
            return
        if len(taken) > len(longest):
            longest = taken
        open_ones = [index for index in range(len(history)) if index not in taken]
        first_return = min(history[index].returned for index in open_ones)
        for index in reversed(open_ones):
            if history[index].called > first_return:
                continue
            after = model(state, history[index])
            if after is None:
                continue
            step = (taken | {index}, after)
            if step not in tried:
                tried.add(step)
                stack.append(step)
    raise NotLinearizable(longest, history)
