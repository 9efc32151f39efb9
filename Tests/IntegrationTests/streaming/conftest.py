import sys
from pathlib import Path

import pytest

INTEGRATION_TESTS = Path(__file__).resolve().parents[1]
# The raw client, and the messages of grpc.testing.
sys.path[:0] = [
    str(INTEGRATION_TESTS / "wire"), str(INTEGRATION_TESTS.parent / "Interop" / "python")]

from interop_server import InteropServer  # noqa: E402


@pytest.fixture(scope="module")
def server():
    one = InteropServer()
    one.start()
    yield one
    one.stop()


@pytest.fixture
def channel(server):
    with server.channel() as one:
        yield one
