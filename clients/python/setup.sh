#!/bin/sh
# Makes clients/python/.venv with what the Python client and its tests need, and the generated
# code beside it. Does nothing when that is done already.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

venv=$here/.venv
# What the result depends on; a stamp of it says what is installed. The path is part of it,
# since a virtual environment cannot be moved.
stamp=$(
  {
    echo "$here"
    cat "$here/requirements.txt" "$here/setup.sh" "$here/generate.sh"
    find "$here/../../proto/packd" -name '*.proto' | sort | xargs cat
  } | sha256sum
)
if [ -d "$here/packd_client" ] && [ "$stamp" = "$(cat "$venv/stamp" 2>/dev/null)" ]; then
  exit 0
fi

"$here/../../scripts/debian-packages.sh" python3-venv
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt" ||
  [ "$(cat "$venv/path" 2>/dev/null)" != "$here" ]; then
  rm -rf "$venv"
  /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" --quiet --disable-pip-version-check install -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/installed.txt"
  echo "$here" >"$venv/path"
fi
# So that programs in this environment find packd.v1 and packd_testing without more ado.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$here" "$here/packd_client" >"$site/packd.pth"
"$here/generate.sh"
echo "$stamp" >"$venv/stamp"
