from packd_testing.fixtures import admin, daemon, own_daemon  # noqa: F401
