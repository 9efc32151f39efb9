#!/bin/sh
# Fuzzes the codecs with libFuzzer and the address sanitizer for a number of seconds (default 60).
# Starts from Tests/APITests/FuzzFinds; an input that breaks a codec is written there, to be
# committed: an ordinary test replays the folder. The growing corpus stays in .build/fuzz.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
out=.build/fuzz
finds=Tests/APITests/FuzzFinds
mkdir -p "$out/corpus"

common="-O -package-name packd -sanitize=fuzzer,address -parse-as-library"
common="$common -enable-upcoming-feature ExistentialAny"
# Word splitting is meant: no path here holds a space.
# shellcheck disable=SC2086,SC2046
{
  swiftc $common -wmo -c -module-name API -emit-module -emit-module-path "$out/API.swiftmodule" \
    -o "$out/API.o" $(find Sources/API -name '*.swift')
  swiftc $common -module-name CodecFuzzer -I "$out" -o "$out/codec-fuzzer" \
    Fuzz/CodecFuzzer.swift Tests/APITests/Shapes.swift Tests/APITests/Codecs.swift \
    Tests/APITests/Fixpoint.swift "$out/API.o"
}
"$out/codec-fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
  -artifact_prefix="$finds/" -print_final_stats=1 "$out/corpus" "$finds"
