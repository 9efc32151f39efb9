#!/bin/sh
# Measures packd and prints one table. Ratios are what counts: absolute figures are this
# machine's, at this moment. Arguments go to unary.py: --peers, --rounds N, --seconds N.
# PACKD_BIN and PACKD_INTEROP_BIN name a daemon and a test server that are built already.
set -eu
cd "$(dirname "$0")/.."

clients/python/setup.sh
if [ -z "${PACKD_BIN:-}" ]; then
  swift build -c release --product packd >&2
fi
if [ -z "${PACKD_INTEROP_BIN:-}" ]; then
  swift build -c release --product packd-interop >&2
fi
swift build -c release --product StorageBenchmark >&2
swift build --package-path Benchmarks -c release >&2

python=clients/python/.venv/bin/python
"$python" -c 'import sys; sys.path.insert(0, "Benchmarks"); import benchmark; benchmark.head()'
"$python" Benchmarks/unary.py "$@"
"$python" Benchmarks/packages.py
"$python" Benchmarks/sellers.py
"$python" Benchmarks/allocations.py
"$python" Benchmarks/codec.py
"$python" Benchmarks/storage.py
"$python" Benchmarks/create.py
"$python" Benchmarks/footprint.py
"$python" Benchmarks/streaming.py
"$python" Benchmarks/ingest.py
"$python" Benchmarks/watch.py
