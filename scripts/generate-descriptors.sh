#!/bin/sh
# Writes Sources/Services/Reflection/EmbeddedDescriptors.swift anew: what reflection tells of the
# protos, without comments. With --check: fails when what is committed differs. Needs:
# protobuf-compiler, libprotobuf-dev, python3.
set -eu
cd "$(dirname "$0")/.."
target=Sources/Services/Reflection/EmbeddedDescriptors.swift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2046 # file names are separate words
protoc -I proto --include_imports --descriptor_set_out="$work/set.binpb" \
  $(cd proto && find packd grpc -name '*.proto' | LC_ALL=C sort)
/usr/bin/python3 scripts/embed_descriptors.py "$work/set.binpb" >"$work/embedded.swift"

if [ "${1:-}" = --check ]; then
  cmp -s "$target" "$work/embedded.swift" || {
    echo "generate-descriptors: $target is behind the protos; run $0" >&2
    exit 1
  }
else
  cp "$work/embedded.swift" "$target"
fi
