from packd_testing.fixtures import (  # noqa: F401
    admin, called_as, daemon, make_seller, own_daemon, packages, seller, seller_admin, store)
