"""Requirements of an RFC as cases: what is sent, and what may come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from frames import ping
from peer import Peer


@dataclass(frozen=True)
class Verdict:
    """What came of what a peer sent."""

    kind: str
    code: object = None

    def __repr__(self):
        return self.kind if self.code is None else f"{self.kind} {self.code}"


class Outcome:
    """The verdicts that the RFC allows, and no other."""

    def __init__(self, verdicts):
        self.verdicts = set(verdicts)

    def __or__(self, other):
        return Outcome(self.verdicts | other.verdicts)

    def allows(self, *kinds):
        return any(verdict.kind in kinds for verdict in self.verdicts)


def connection_error(*codes):
    """GOAWAY with one of these codes, and the end of the connection (5.4.1)."""
    return Outcome(Verdict("connection error", code) for code in codes)


def stream_error(*codes):
    """RST_STREAM with one of these codes, while the connection goes on (5.4.2)."""
    return Outcome(Verdict("stream error", code) for code in codes)


# The end of the connection, with a GOAWAY or without (3.4).
closed = Outcome([Verdict("closed")])
# Nothing comes of it, neither on the stream nor on the connection.
ignored = Outcome([Verdict("ignored")])
# The call on the stream is answered with grpc-status 0.
answered = Outcome([Verdict("answered", "grpc 0")])


def answered_with(http_status):
    """A response that is not gRPC's, with this status."""
    return Outcome([Verdict("answered", f"HTTP {http_status}")])


def observe(peer, stream, outcome):
    """What came of all that the peer has sent."""
    reply = peer.reply(stream)
    if not outcome.allows("stream error", "ignored", "answered"):
        # Nothing more is sent, so that nothing but the case can be to blame.
        peer.read_to_end()
    while not (peer.is_closed or reply.ended) and not outcome.allows("ignored"):
        peer.read_frame()
    if not peer.is_closed:
        # The answers to these show that all before them has had its effect.
        peer.send(ping(b"the last"))
        served = peer.call_well()
        while not peer.is_closed and b"the last" not in peer.pings_answered:
            peer.read_frame()
        assert peer.is_closed or served and peer.goaway is None, peer.frames
    if peer.is_closed and outcome.allows("closed"):
        return Verdict("closed")
    if peer.is_closed:
        assert peer.goaway, f"closed without a GOAWAY: {peer.frames}"
        assert peer.goaway.last_stream <= peer.later_stream, peer.goaway
        return Verdict("connection error", peer.goaway.error_code)
    if reply.reset is not None:
        assert reply.resets == 1, f"{reply.resets} RST_STREAM: {peer.frames}"
        assert reply.grpc_status != 0, f"served all the same: {reply}"
        return Verdict("stream error", reply.reset)
    if reply.is_complete and not outcome.allows("ignored"):
        return Verdict("answered", f"HTTP {reply.http_status}" if reply.grpc_status is None
                       else f"grpc {reply.grpc_status}")
    return Verdict("ignored")


@dataclass
class Requirement:
    """One case. `act` gets the peer, and may check what it wants; then the outcome is looked at,
    on `stream`, if there is one to be."""

    name: str
    act: Callable
    outcome: Outcome | None = None
    stream: int = 1
    greets: bool = True
    entries: tuple = field(default=())

    def __str__(self):
        return self.name

    def run(self, port):
        with Peer(port, self.greets, self.entries) as peer:
            self.act(peer)
            if self.outcome is not None:
                verdict = observe(peer, self.stream, self.outcome)
                assert verdict in self.outcome.verdicts, (
                    f"{verdict}, not {self.outcome.verdicts}: {peer.frames}")
            elif not peer.is_closed:
                assert peer.call_well(), f"closed: {peer.frames}"
        # Whatever became of this connection, the daemon serves the next.
        with Peer(port) as another:
            assert another.call_well()


class Requirements:
    """The cases of a module."""

    def __init__(self, document):
        self.document = document
        self.cases = []

    def sends(self, section, name, frames, outcome, **options):
        """A case that sends these bytes."""
        self.case(section, name, outcome, **options)(lambda peer: peer.send(frames))

    def case(self, section, name, outcome=None, marks=(), **options):
        """Makes a case of a function. Without an outcome, the function says all, and the
        connection must go on."""
        name = f"{self.document} {section} {name}"
        if any(one.id == name for one in self.cases):
            raise ValueError(f"two cases of the name {name}")

        def add(act):
            requirement = Requirement(name, act, outcome, **options)
            self.cases.append(pytest.param(requirement, id=name, marks=marks))
            return act

        return add

    def parametrize(self, function):
        return pytest.mark.parametrize("requirement", self.cases)(function)
