"""Runs the gRPC project's interop cases against packd-interop, from several stacks.

usage: interop.py [--stacks python,ruby,cpp,go] [--write]

PACKD_INTEROP_BIN names the server; default is what "swift build" made. Prints who passed what,
and ends with 1 when a case failed. --write puts the table into docs/interop.md.
"""
import argparse
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "docs/interop.md"
TABLE_BEGINS = "<!-- make interop begins -->\n"
TABLE_ENDS = "<!-- make interop ends -->\n"

CASES = [
    "empty_unary", "large_unary", "client_compressed_unary", "server_compressed_unary",
    "client_streaming", "client_compressed_streaming", "server_streaming",
    "server_compressed_streaming", "ping_pong", "empty_stream", "custom_metadata",
    "status_code_and_message", "special_status_message", "unimplemented_method",
    "unimplemented_service", "cancel_after_begin", "cancel_after_first_response",
    "timeout_on_sleeping_server",
]
# What the server sends on the wire in these cases: all of one body, and next to nothing of the
# other, which is compressed. Not every stack shows a message's compressed flag.
WIRE_BYTES = {
    "server_compressed_unary": (314_159, 314_159 + 8_000),
    "server_compressed_streaming": (92_653, 92_653 + 8_000),
}
CASE_TIMEOUT_SECONDS = 30
START_TIMEOUT_SECONDS = 10
STOP_TIMEOUT_SECONDS = 40

# The test certificate that every interop client knows, as grpc-go ships it.
CERTIFICATES = pathlib.Path("/usr/share/gocode/src/google.golang.org/grpc/testdata")
TLS_OPTIONS = ["--tls-cert", CERTIFICATES / "server1.pem", "--tls-key", CERTIFICATES / "server1.key"]
# Options of the clients, Ruby's and the others', for each way to the server.
TRANSPORTS = {
    "plaintext": ([], ["--use_tls=false"], []),
    "TLS": (TLS_OPTIONS, [
        "--use_tls=true", "--use_test_ca=true", "--server_host_override=foo.test.google.fr",
    ], [f"--ca_file={CERTIFICATES / 'ca.pem'}", "--server_host_override=foo.test.google.fr"]),
}

PROTO_ROOT = "/usr/share/grpc-proto"
PROTOS = [f"grpc/testing/{name}.proto" for name in ("empty", "messages", "test")]


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


def python(_):
    return [ROOT / "clients/python/.venv/bin/python", HERE / "python/client.py"]


def ruby(_):
    return ["ruby", HERE / "ruby/client.rb"]


def cpp(work):
    run("protoc", f"-I{PROTO_ROOT}", f"--cpp_out={work}", f"--grpc_out={work}",
        f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}", *PROTOS)
    libraries = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], check=True,
        capture_output=True, text=True).stdout.split()
    generated = [work / proto.replace(".proto", ".pb.cc") for proto in PROTOS]
    run("g++", "-O1", "-std=c++17", f"-I{work}", HERE / "cpp/client.cc", *generated,
        work / "grpc/testing/test.grpc.pb.cc", "-o", work / "client", *libraries)
    return [work / "client"]


def go(work):
    package = ",".join(f"M{proto}=interop/testing" for proto in PROTOS)
    (work / "src").mkdir()
    run("protoc", f"-I{PROTO_ROOT}", f"--go_out={package}:{work / 'src'}",
        f"--go-grpc_out={package}:{work / 'src'}", *PROTOS)
    run("go", "build", "-o", work / "client", HERE / "go/client.go", env={
        **os.environ, "GO111MODULE": "off", "GOPATH": f"{work}:/usr/share/gocode",
        "GOCACHE": str(work / "cache")})
    return [work / "client"]


# Each with what it is called and what makes its client, given a folder of its own.
STACKS = {
    "python": ("Python (PyPI grpcio)", python),
    "ruby": ("Ruby (Debian ruby-grpc)", ruby),
    "cpp": ("C++ (Debian libgrpc++-dev)", cpp),
    "go": ("Go (Debian golang-google-grpc-dev)", go),
}


def find_server():
    """The server to test: PACKD_INTEROP_BIN, or what "swift build" made."""
    named = os.environ.get("PACKD_INTEROP_BIN")
    candidates = [pathlib.Path(named)] if named else [
        ROOT / ".build" / configuration / "packd-interop"
        for configuration in ("release", "debug")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(f"no server at {' or '.join(map(str, candidates))}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """packd-interop on a free port, ended with the block; it must still run then."""

    def __init__(self, *options):
        self.port = free_port()
        self._command = [find_server(), "--listen", f"127.0.0.1:{self.port}", *options]

    def __enter__(self):
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    self.process.kill()
                    raise SystemExit("packd-interop does not listen") from None
                time.sleep(0.02)

    def __exit__(self, *_):
        if self.process.poll() is not None:
            raise SystemExit(f"packd-interop has ended with {self.process.returncode}")
        self.process.terminate()
        try:
            status = self.process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit("packd-interop does not end") from None
        if status != 0:
            raise SystemExit(f"packd-interop has ended with {status}")


class Relay:
    """Passes one connection on to a server, and counts the bytes that the server sends."""

    def __init__(self, port):
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.received = 0
        self._threads = []

    def __enter__(self):
        self._start(self._serve)
        return self

    def __exit__(self, *_):
        # Wakes a thread that still waits for a connection.
        with socket.socket() as waker:
            waker.connect_ex(("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join(CASE_TIMEOUT_SECONDS)
        self._listener.close()

    def _start(self, body, *arguments):
        self._threads.append(threading.Thread(target=body, args=arguments, daemon=True))
        self._threads[-1].start()

    def _serve(self):
        client, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._server_port))
        self._start(self._pass, client, server)
        self._pass(server, client, counts=True)

    def _pass(self, source, target, counts=False):
        try:
            while data := source.recv(1 << 16):
                if counts:
                    self.received += len(data)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def call(command, port, case):
    """Runs a client; returns what is wrong, or None."""
    arguments = ["--server_host=127.0.0.1", f"--server_port={port}", f"--test_case={case}"]
    try:
        done = subprocess.run(
            [*map(str, command), *arguments], capture_output=True, text=True,
            timeout=CASE_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "not done in time"
    if done.returncode != 0:
        return (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
    return None


def run_case(command, port, case):
    """Runs one case, and looks at the bytes on the wire where the case is about them; returns
    what is wrong, or None."""
    if case not in WIRE_BYTES:
        return call(command, port, case)
    with Relay(port) as relay:
        wrong = call(command, relay.port, case)
    least, most = WIRE_BYTES[case]
    if wrong is None and not least <= relay.received <= most:
        return f"expected {least} to {most} bytes on the wire, saw {relay.received}"
    return wrong


def table(results):
    """The results as Markdown: a row for each case, a column for each stack and transport."""
    heads = [f"{STACKS[stack][0]}, {transport}" for stack, transport in results]
    lines = ["| case | " + " | ".join(heads) + " |", "|:---|" + ":---:|" * len(results)]
    for case in CASES:
        verdicts = ["FAILED" if column[case] else "passed" for column in results.values()]
        lines.append(f"| {case} | " + " | ".join(verdicts) + " |")
    return "\n".join(lines) + "\n"


def write(text):
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(TABLE_BEGINS)
    _, _, after = rest.partition(TABLE_ENDS)
    DOCUMENT.write_text(
        before + TABLE_BEGINS + text + TABLE_ENDS + after, encoding="utf-8")


def build(stack, folder):
    """The command that runs a stack's client."""
    folder.mkdir()
    began = time.monotonic()
    command = STACKS[stack][1](folder)
    print(f"{stack}: {time.monotonic() - began:.0f} s to build", file=sys.stderr)
    return command


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stacks", default=",".join(STACKS))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    stacks = options.stacks.split(",")
    results = {(stack, transport): {} for stack in stacks for transport in TRANSPORTS}
    with tempfile.TemporaryDirectory() as work:
        commands = {stack: build(stack, pathlib.Path(work, stack)) for stack in stacks}
        for transport, (server_options, of_ruby, of_others) in TRANSPORTS.items():
            with Server(*server_options) as server:
                for stack, command in commands.items():
                    extra = of_ruby if stack == "ruby" else of_others
                    results[stack, transport] = {
                        case: run_case([*command, *extra], server.port, case) for case in CASES}
    print(table(results), flush=True)
    failures = [(*way, case, wrong) for way, column in results.items()
                for case, wrong in column.items() if wrong]
    for stack, transport, case, wrong in failures:
        print(f"\n{stack} {transport} {case}: {wrong}")
    if options.write:
        write(table(results))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
