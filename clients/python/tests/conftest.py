from packd_testing.fixtures import admin, called_as, daemon, own_daemon, packages  # noqa: F401
