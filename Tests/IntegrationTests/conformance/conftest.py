import pytest
from peer import Peer


@pytest.fixture
def port(daemon):
    """The daemon's port; whatever a case does there, the process must live."""
    yield daemon.port
    assert daemon.process.poll() is None, f"packd has ended:\n{daemon.tail()}"


@pytest.fixture
def peer(port):
    with Peer(port) as one:
        yield one
