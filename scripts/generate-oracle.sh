#!/bin/sh
# Writes Tests/ProtobufCOracle/*.pb-c.{c,h} anew with protoc-c, from the protos of the contract,
# the tests' own, and Google's (googleapis-common-protos, pinned). With --check: fails when what
# is committed differs. Needs: protobuf-c-compiler, protobuf-compiler, python3-venv.
set -eu
cd "$(dirname "$0")/.."
target=Tests/ProtobufCOracle
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
  googleapis-common-protos==1.76.0
rpc=$(echo "$work"/venv/lib/python3*/site-packages/google/rpc)
well_known=$(dirname "$(dirname "$(command -v protoc)")")/include/google/protobuf

# All in one folder, so that the target keeps to one level. protoc-c refuses proto3 `optional`;
# on the wire and in a descriptor it is a oneof of one field, so it is given as that.
mkdir "$work/flat" "$work/out"
for proto in proto/packd/v1/types.proto proto/packd/v1/catalogue_service.proto \
  proto/packd/v1/package_service.proto proto/packd/v1/seller_package_service.proto \
  proto/grpc/health/v1/health.proto proto/grpc/reflection/v1/reflection.proto \
  Tests/APITests/wire_shapes.proto "$rpc/status.proto" "$rpc/error_details.proto" \
  "$well_known/any.proto" "$well_known/duration.proto" "$well_known/field_mask.proto" \
  "$well_known/timestamp.proto"; do
  sed -E -e '/^ *\/\//d' -e 's|^import "[a-z0-9_/]*/([a-z_]+\.proto)"|import "\1"|' \
    -e 's|^( *)optional ([a-z0-9]+) ([a-z_]+)( = [0-9]+;)|\1oneof _\3 { \2 \3\4 }|' \
    "$proto" > "$work/flat/$(basename "$proto")"
done
protoc-c --proto_path="$work/flat" --c_out="$work/out" "$work"/flat/*.proto

if [ "${1:-}" = --check ]; then
  mkdir "$work/committed"
  cp "$target"/*.pb-c.[ch] "$work/committed"
  diff -r "$work/committed" "$work/out" || {
    echo "generate-oracle: $target is behind the protos; run scripts/generate-oracle.sh" >&2
    exit 1
  }
else
  rm -f "$target"/*.pb-c.[ch]
  cp "$work"/out/*.pb-c.[ch] "$target"
fi
