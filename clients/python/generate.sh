#!/bin/sh
# Generates the Python modules of packd.v1 from proto/ into clients/python/packd_client.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
proto=$here/../../proto

rm -rf "$here/packd_client"
mkdir "$here/packd_client"
# shellcheck disable=SC2046 # file names are separate words
"$here/.venv/bin/python" -m grpc_tools.protoc -I "$proto" \
  --python_out="$here/packd_client" --pyi_out="$here/packd_client" \
  --grpc_python_out="$here/packd_client" \
  $(find "$proto/packd" -name '*.proto' | sort)
