import pytest
from beside import Beside
from good import get_plan

# What hostile input may add to the daemon's memory for good, and while it lasts.
MAX_GROWTH_BYTES = 64 * 1024 * 1024
MAX_GROWTH_DURING_ATTACK_BYTES = 128 * 1024 * 1024


@pytest.fixture(scope="module")
def resident_at_first(daemon):
    for _ in range(20):
        get_plan(daemon.port)
    return daemon.resident_bytes()


def bound_of(request, default):
    """A module's MAX_GROWTH_BYTES goes before the default."""
    return getattr(request.module, "MAX_GROWTH_BYTES", default)


@pytest.fixture
def port(daemon, resident_at_first, request):
    """The daemon's port; whatever a test does there, the daemon must serve afterwards, and
    must not have grown."""
    process = daemon.process
    yield daemon.port
    assert process.poll() is None, f"packd has ended with {process.returncode}:\n{daemon.tail()}"
    assert get_plan(daemon.port).code == "vps"
    growth = daemon.resident_bytes() - resident_at_first
    assert growth < bound_of(request, MAX_GROWTH_BYTES), (
        f"{growth / 2**20:.0f} MiB more than at first")


@pytest.fixture(scope="module")
def good_client(daemon):
    one = Beside(daemon)
    yield one
    one.close()


@pytest.fixture
def beside(good_client, daemon, port, request):
    """A good client is served while the test runs, and the daemon's memory stays within bounds."""
    first = daemon.resident_bytes()
    with good_client.measured() as figures:
        yield good_client
    growth = figures.peak - first
    max_growth = bound_of(request, MAX_GROWTH_DURING_ATTACK_BYTES)
    assert growth < max_growth, f"{growth / 2**20:.0f} MiB more at the worst"
