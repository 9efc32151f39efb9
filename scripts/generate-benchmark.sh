#!/bin/sh
# Writes Benchmarks/Sources/SwiftProtobufPlan anew: the catalogue as protoc-gen-swift 1.39.0
# renders it. Needs: protobuf-compiler. Usage: generate-benchmark.sh <path of protoc-gen-swift>
set -eu
cd "$(dirname "$0")/.."
protoc --plugin=protoc-gen-swift="$1" --proto_path=proto --swift_opt=Visibility=Public \
  --swift_opt=FileNaming=DropPath --swift_out=Benchmarks/Sources/SwiftProtobufPlan \
  packd/v1/types.proto packd/v1/catalogue_service.proto
