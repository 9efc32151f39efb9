#!/bin/sh
# Checks the contract in proto/: its style, its layout, that it breaks no client, that protoc-c
# takes it, and that what must agree with other people's protos does.
set -eu
cd "$(dirname "$0")/.."

scripts/debian-packages.sh python3-venv protobuf-compiler protobuf-c-compiler libprotobuf-dev \
  grpc-proto

venv=scripts/.venv
if ! cmp -s scripts/requirements.txt "$venv/installed.txt"; then
  rm -rf "$venv"
  /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" --quiet --disable-pip-version-check install -r scripts/requirements.txt
  cp scripts/requirements.txt "$venv/installed.txt"
fi
buf=$venv/bin/buf

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "proto: lint" >&2
"$buf" lint
echo "proto: format" >&2
"$buf" format -d --exit-code

# The contract before this change: that of main, local or fetched. Where main is what is checked
# out, or where a shallow clone knows no main, the commit before is as far back as can be seen.
baseline=
for ref in main origin/main HEAD~1; do
  git cat-file -e "$ref:proto" 2>/dev/null || continue
  if [ "$(git rev-parse "$ref^{commit}")" = "$(git rev-parse HEAD)" ] &&
    git diff --quiet HEAD -- proto; then
    continue
  fi
  baseline=$ref
  break
done
if [ -n "$baseline" ]; then
  echo "proto: breaking changes since $baseline" >&2
  mkdir "$work/before"
  git archive "$baseline" proto buf.yaml | tar -x -C "$work/before"
  "$buf" breaking --against "$work/before"
else
  echo "proto: breaking changes: not checked, no earlier commit with proto/ is known" >&2
fi

echo "proto: protoc-c" >&2
files=$(cd proto && find packd grpc -name '*.proto' | sort)
mkdir "$work/c"
for file in $files; do
  protoc-c -I proto --c_out="$work/c" "$file"
done

echo "proto: agreement with grpc-proto and google.type" >&2
protoc -I proto --include_imports --descriptor_set_out="$work/ours.binpb" $files
# shellcheck disable=SC2046 # file names are separate words
protoc -I /usr/share/grpc-proto --include_imports --descriptor_set_out="$work/theirs.binpb" \
  $(cd proto && find grpc -name '*.proto' | sort)
"$venv/bin/python" scripts/check_descriptors.py "$work/ours.binpb" "$work/theirs.binpb"
echo "proto: all well" >&2
