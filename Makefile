# packd: build, run, test. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# What building, testing and linting need beyond Swift 6.3 and a fresh Debian 12.
BUILD_PACKAGES := libcurl4-openssl-dev libidn2-dev libnghttp2-dev libprotobuf-c-dev libsodium-dev \
  libsqlite3-dev libssl-dev pkg-config zlib1g-dev
TEST_PACKAGES := $(BUILD_PACKAGES) argon2 protobuf-compiler protobuf-c-compiler libprotobuf-dev \
  python3-venv nghttp2-client nginx-light gcc libc6-dev grpc-proto faketime
GRPC_CPP_PACKAGES := grpc-proto g++ libgrpc++-dev libprotobuf-dev pkg-config protobuf-compiler \
  protobuf-compiler-grpc
INTEROP_PACKAGES := $(BUILD_PACKAGES) $(GRPC_CPP_PACKAGES) python3-venv ruby-grpc golang-go \
  golang-github-golang-protobuf-1-5-dev golang-google-grpc-dev golang-google-protobuf-dev \
  protoc-gen-go protoc-gen-go-grpc
BENCH_PACKAGES := $(BUILD_PACKAGES) $(GRPC_CPP_PACKAGES) gcc nghttp2-client openssl util-linux \
  python3

RELEASE := .build/release/packd
FUZZ_SECONDS ?= 20
DATA ?= ./packd-data

.PHONY: help packages build run test test-swift test-daemon interop lint format proto clients bench \
  fuzz sanitize coverage clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

packages:
	@scripts/debian-packages.sh $(BUILD_PACKAGES)

build: packages ## Build for release: packd and packctl, in .build/release
	swift build -c release --product packd
	swift build -c release --product packctl

run: packages ## Build, then serve on SQLite in ./packd-data for development; prints a token and a first call
	swift build -c release --product packd
	@clients/python/setup.sh
	exec $(RELEASE) serve --dev --store sqlite:$(DATA)/packd.db --admin-listen 127.0.0.1:9464

test: ## Install what is needed and run everything: lint, units, fuzzing, the daemon with real clients
	@scripts/debian-packages.sh $(TEST_PACKAGES)
	$(MAKE) lint
	$(MAKE) test-swift
	$(MAKE) fuzz
	$(MAKE) test-daemon
	$(MAKE) interop

test-swift: packages clients ## Units, storage contract, golden bytes, house rules; prints the coverage
	PACKD_JUDGE_PYTHON=$(CURDIR)/clients/python/.venv/bin/python \
	  swift test --enable-code-coverage
	@scripts/coverage.sh

test-daemon: build clients ## The release daemon through official clients, raw sockets and kill -9
	@scripts/debian-packages.sh $(TEST_PACKAGES)
	swift build -c release --product packd-interop
	PACKD_BIN=$(CURDIR)/$(RELEASE) clients/python/test.sh
	clients/python/.venv/bin/python Benchmarks/allocations.py $(RELEASE) --check

# WRITE=--write puts the table into docs/interop.md.
interop: clients ## The gRPC project's interop cases from every stack; prints who passed what
	@scripts/debian-packages.sh $(INTEROP_PACKAGES)
	swift build -c release --product packd-interop
	clients/python/.venv/bin/python Tests/Interop/interop.py $(WRITE)

lint: ## Style of Swift and of the protos; drift of generated code
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks
	scripts/check-proto.sh
	scripts/generate-oracle.sh --check
	scripts/generate-descriptors.sh --check

format: ## Format Swift and the protos in place
	swift format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks
	scripts/.venv/bin/buf format --write

proto: ## Generate anew what is made from proto/
	@scripts/debian-packages.sh $(TEST_PACKAGES)
	scripts/generate-oracle.sh
	scripts/generate-descriptors.sh
	clients/python/generate.sh

clients: ## Make clients/python ready
	@clients/python/setup.sh

bench: ## Measure packd beside the bare C floor, its streams beside gRPC C++, its store; ratios count
	@scripts/debian-packages.sh $(BENCH_PACKAGES)
	Benchmarks/run.sh

fuzz: ## Fuzz the codecs for FUZZ_SECONDS
	scripts/fuzz.sh $(FUZZ_SECONDS)

# Not the thread sanitizer: it reports races under Synchronization.Mutex that are none. Not leaks:
# XCTest, Foundation, NIOSSL and CryptoExtras have theirs, and so have the tests' own channels.
sanitize: packages ## The tests under the address sanitizer
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize address --scratch-path .build/address

coverage: test-swift ## The tests with coverage, by file

clean: ## Remove what was built
	rm -rf .build clients/python/.venv clients/python/packd_client scripts/.venv
