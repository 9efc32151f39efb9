from packd_testing.fixtures import admin, daemon, own_daemon, store  # noqa: F401
