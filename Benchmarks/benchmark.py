"""What the benchmarks share: servers on a free port, tokens, h2load, and rows of the table."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
METHOD = "/packd.v1.CatalogueService/GetPlan"
# Every answer that is asked for has more bytes; an error of a call has no DATA at all.
MIN_ANSWER_BYTES = 50


def find_packd(named=None):
    """The daemon to measure: the one named, PACKD_BIN, or what `make build` made."""
    named = named or os.environ.get("PACKD_BIN") or ROOT / ".build/release/packd"
    packd = pathlib.Path(named).resolve()
    if not packd.is_file():
        raise SystemExit(f"no daemon at {packd}: run `make build`, or set PACKD_BIN")
    return packd


def work_folder():
    """A folder for one run, on the disk of the project: in /tmp a commit may cost nothing."""
    parent = ROOT / ".build" / "benchmarks"
    parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=parent)


def row(what, measured, target="", ok=None):
    """Prints one row of the table; `ok` is None for what has no target."""
    verdict = "" if ok is None else "ok" if ok else "NOT OK"
    print(f"| {what:<54} | {measured:>28} | {target:>9} | {verdict:<6} |", flush=True)


def head():
    """Prints the table's head."""
    row("one run", "measured", "target")
    print(f"|:{'-' * 55}|{'-' * 29}:|{'-' * 10}:|:{'-' * 7}|", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def build_floor(work):
    """A bare epoll + nghttp2 server with a fixed answer: what no server can be faster than."""
    floor = work / "floor"
    subprocess.run(["gcc", "-O2", "-o", floor, HERE / "floor.c", "-lnghttp2"], check=True)
    return floor


class Token:
    """An Admin token, and the file with its secret."""

    def __init__(self, packd, work):
        self.secret_path = work / "secret"
        self.secret_path.write_text(os.urandom(32).hex())
        token = subprocess.run(
            [packd, "token", "--jwt-secret-file", self.secret_path, "--sub", "10",
             "--role", "Admin"], check=True, capture_output=True, text=True).stdout.strip()
        self.bearer = f"Bearer {token}"
        self.header = f"authorization: {self.bearer}"


def serve_command(packd, token, data):
    """packd on a SQLite store in the folder `data`; all else as it is by default."""
    return [packd, "serve", "--listen", "127.0.0.1:{port}", "--store", f"sqlite:{data}/packd.db",
            "--jwt-secret-file", token.secret_path]


def tls_options(work):
    """What packd serves over TLS with: a certificate with the key that most have by now."""
    certificate, key = work / "server.pem", work / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return ["--tls-cert", certificate, "--tls-key", key]


class Server:
    """A server process, pinned to one core unless that is None; ended with the block."""

    def __init__(self, command, core=0, preload=None, count_file=None):
        self.port = free_port()
        command = [str(part).replace("{port}", str(self.port)) for part in command]
        if core is not None:
            command = ["taskset", "-c", str(core), *command]
        environment = dict(os.environ)
        if preload:
            environment.update(LD_PRELOAD=str(preload), MALLOC_COUNT_FILE=str(count_file))
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        raise SystemExit("the server does not listen")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu_seconds(self):
        """CPU time of all threads so far."""
        total = 0
        for path in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"):
            total += int(path.read_text().split()[0])
        return total / 1e9

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def h2load(port, arguments, header, core=1, scheme="http", method=METHOD,
           body=HERE / "getplan.bin"):
    """Calls GetPlan of plan 1, or another method with the file `body`; returns how many calls
    succeeded and their mean seconds."""
    output = subprocess.run(
        ["taskset", "-c", str(core), "h2load", *arguments, "-t", "1", "-d", str(body),
         "-H", "content-type: application/grpc", "-H", "te: trailers", "-H", header,
         f"{scheme}://127.0.0.1:{port}{method}"], capture_output=True, text=True).stdout
    done = int(re.search(r"(\d+) succeeded", output)[1])
    if int(re.search(r"(\d+) failed", output)[1]):
        raise SystemExit(f"calls failed:\n{output}")
    if int(re.search(r"\((\d+)\) data", output)[1]) < done * MIN_ANSWER_BYTES:
        raise SystemExit(f"calls were answered with an error:\n{output}")
    value, unit = re.search(
        r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", output).groups()
    return done, float(value) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]
