#!/bin/sh
# Installs those of the named Debian packages that are missing.
#   scripts/debian-packages.sh NAME…
set -eu

missing=
for name in "$@"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

echo "installing Debian packages:$missing" >&2
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
# The lists of a fresh image are empty, hence the update.
$as_root apt-get -q update >&2
# shellcheck disable=SC2086 # names are separate words
$as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get -q install -y --no-install-recommends $missing >&2
