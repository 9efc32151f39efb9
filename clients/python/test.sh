#!/bin/sh
# Runs the tests of this client and those in Tests/IntegrationTests, all against a real daemon:
# PACKD_BIN, or what "swift build" made. Arguments go to pytest.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/setup.sh"
cd "$here/../.."
[ $# -gt 0 ] || set -- clients/python/tests Tests/IntegrationTests
exec "$here/.venv/bin/pytest" -p no:cacheprovider -q "$@"
