"""Fixtures; a conftest.py imports those that its tests use."""

import pytest

from .daemon import Daemon
from .packages import Packages
from .plans import Catalogue
from .sellers import Sellers
from .tokens import SECRET


# Daemon's own default is a file in its folder.
STORES = {"sqlite": None, "memory": "memory:"}


@pytest.fixture(scope="module")
def store():
    """Where `daemon` keeps its data. A module whose tests hold for each imports every_store by
    this name."""
    return "sqlite"


@pytest.fixture(scope="module", params=STORES)
def every_store(request):
    return request.param


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, request, store):
    """A daemon with an empty store when the module begins, for all its tests; it must still run
    when they end, and then drain cleanly. A module's DAEMON_OPTIONS go to its command line."""
    options = getattr(request.module, "DAEMON_OPTIONS", ())
    one = Daemon(tmp_path_factory.mktemp("packd"), SECRET, STORES[store], options)
    one.start()
    yield one
    try:
        one.stop()
    finally:
        one.kill()


@pytest.fixture(scope="module")
def admin(daemon):
    """The catalogue as an Admin calls it."""
    with daemon.channel() as channel:
        yield Catalogue(channel)


@pytest.fixture(scope="module")
def packages(daemon):
    """Hosting packages as an Admin calls them."""
    with daemon.channel() as channel:
        yield Packages(channel)


@pytest.fixture(scope="module")
def called_as(daemon):
    """Makes callers of PackageService: each of another user, role or account."""
    channels = []

    def caller(role="Admin", **claims):
        channels.append(daemon.channel())
        return Packages(channels[-1], role=role, **claims)

    yield caller
    for channel in channels:
        channel.close()


@pytest.fixture(scope="module")
def seller_admin(daemon):
    """Seller packages as an Admin calls them."""
    with daemon.channel() as channel:
        yield Sellers(channel, role="Admin", sub="the-admin")


@pytest.fixture
def make_seller(daemon):
    """Makes callers of SellerPackageService: each another user, unless it is named."""
    with daemon.channel() as channel:
        yield lambda role="Seller", **claims: Sellers(channel, role=role, **claims)


@pytest.fixture
def seller(make_seller):
    """A seller without a package."""
    return make_seller()


@pytest.fixture
def own_daemon(tmp_path):
    """A daemon for one test, not started; whatever is left of it is ended."""
    one = Daemon(tmp_path, SECRET)
    yield one
    one.kill()
