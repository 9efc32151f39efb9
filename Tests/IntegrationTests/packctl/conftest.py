import pytest
from packd_testing.fixtures import called_as, packages  # noqa: F401

from fake_daemon import FakeDaemon
from web_server import WebServer


@pytest.fixture
def fake():
    with FakeDaemon() as one:
        yield one


@pytest.fixture
def nginx(tmp_path):
    """nginx from Debian in a folder of its own, on loopback."""
    one = WebServer(tmp_path / "nginx")
    one.start()
    yield one
    one.stop()
