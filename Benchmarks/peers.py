"""Other gRPC servers for the same GetPlan, each made from proto/ where its tools are installed.

C++:    libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev g++ pkg-config
Go:     golang-go golang-google-grpc-dev protoc-gen-go-grpc protoc-gen-go protobuf-compiler
        libprotobuf-dev
Python: clients/python/setup.sh
"""
import os
import shutil
import subprocess
import sys

import benchmark

SERVERS = benchmark.HERE / "servers"
PROTO = benchmark.ROOT / "proto"
FILES = ["packd/v1/types.proto", "packd/v1/catalogue_service.proto"]


def build(work):
    """The commands of those peers that can be built here, by name."""
    commands = {}
    for name, tools, make in [
            ("gRPC C++", ["protoc", "grpc_cpp_plugin", "g++"], cpp),
            ("grpc-go", ["protoc", "protoc-gen-go", "protoc-gen-go-grpc", "go"], go),
            ("Python grpcio", [], python)]:
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing:
            print(f"{name} is left out: no {', '.join(missing)}", file=sys.stderr)
            continue
        try:
            commands[name] = make(work)
        except subprocess.CalledProcessError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return commands


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


def cpp(work):
    out = work / "cpp"
    out.mkdir()
    run("protoc", f"-I{PROTO}", f"--cpp_out={out}", f"--grpc_out={out}",
        f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}", *FILES)
    libraries = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], check=True,
        capture_output=True, text=True).stdout.split()
    generated = [out / file.replace(".proto", kind) for file in FILES
                 for kind in (".pb.cc", ".grpc.pb.cc")]
    run("g++", "-O2", "-std=c++17", f"-I{out}", SERVERS / "cpp/server.cc", *generated,
        "-o", out / "server", *libraries)
    return [out / "server", "{port}"]


def go(work):
    out = work / "go"
    (out / "src").mkdir(parents=True)
    package = ",".join(f"M{file}=packd/v1" for file in FILES)
    run("protoc", f"-I{PROTO}", f"--go_out={package}:{out / 'src'}",
        f"--go-grpc_out={package}:{out / 'src'}", *FILES)
    run("go", "build", "-o", out / "server", SERVERS / "go/server.go", env={
        **os.environ, "GO111MODULE": "off", "GOPATH": f"{out}:/usr/share/gocode",
        "GOCACHE": str(out / "cache")})
    return [out / "server", "{port}"]


def python(_):
    return [benchmark.ROOT / "clients/python/.venv/bin/python", SERVERS / "python/server.py",
            "{port}"]
