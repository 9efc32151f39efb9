"""A real packd daemon on a real file, for tests."""

import itertools
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import grpc

REPOSITORY = Path(__file__).resolve().parents[3]

# Exit statuses of the daemon.
EXIT_OK = 0
EXIT_UNAVAILABLE = 69

START_TIMEOUT_SECONDS = 10
# The daemon's own grace is 30 s.
STOP_TIMEOUT_SECONDS = 40


def find_binary():
    """The daemon to test: PACKD_BIN, or what "swift build" made."""
    named = os.environ.get("PACKD_BIN")
    candidates = [Path(named)] if named else [
        REPOSITORY / ".build" / configuration / "packd" for configuration in ("release", "debug")
    ]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(f"no daemon at {' or '.join(map(str, candidates))}; set PACKD_BIN")


# In a random order, each in its turn: whoever is given one does not listen on it at once.
PORTS = itertools.cycle(random.sample(range(20_000, 32_000), 12_000))


def free_port():
    """A TCP port that nobody listens on, and that was not given out lately, below those that
    outgoing connections are given."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Daemon:
    """A daemon that keeps its data in `folder`; it can be ended and started again there."""

    def __init__(self, folder, secret, store=None, options=(), environment=()):
        self.folder = Path(folder)
        self.store = store or f"sqlite:{self.folder / 'packd.db'}"
        self.options = list(options)
        self.environment = dict(environment)
        self.port = free_port()
        self.admin_port = free_port()
        self.log = self.folder / f"stderr-{self.port}.log"
        self.secret_file = self.folder / "jwt-secret"
        self.secret_file.write_text(secret, encoding="utf-8")
        self.secret_file.chmod(0o600)
        self.process = None
        # A command that runs the daemon with its arguments, and where its messages go.
        self.wrapper = []
        self.stderr_descriptor = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def stderr(self):
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def launch(self):
        """Starts the process without waiting for it to serve."""
        arguments = [
            find_binary(), "serve",
            "--listen", self.address,
            "--store", self.store,
            "--jwt-secret-file", self.secret_file,
            "--admin-listen", f"127.0.0.1:{self.admin_port}", *self.options,
        ]
        with self.log.open("ab") as log:
            messages = log if self.stderr_descriptor is None else self.stderr_descriptor
            self.process = subprocess.Popen(
                [*self.wrapper, *map(str, arguments)], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=messages, cwd=self.folder,
                env={**os.environ, **self.environment},
            )

    def start(self):
        """Starts the process; returns once it is ready, with the seconds that took."""
        began = time.monotonic()
        self.launch()
        self.wait_until_ready()
        return time.monotonic() - began

    def wait_until_ready(self):
        began = time.monotonic()
        while not self.is_ready():
            assert self.process.poll() is None, (
                f"packd ended with {self.process.returncode} before it was ready:\n{self.tail()}"
            )
            if time.monotonic() - began > START_TIMEOUT_SECONDS:
                self.kill()
                raise AssertionError(f"packd is not ready in time:\n{self.tail()}")
            time.sleep(0.005)

    def is_ready(self):
        try:
            url = f"http://127.0.0.1:{self.admin_port}/readyz"
            with urllib.request.urlopen(url, timeout=2) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def terminate(self):
        """Asks the process to drain and end."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self, within=STOP_TIMEOUT_SECONDS):
        """Waits for the end of the process; returns its exit status."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"packd did not end in time:\n{self.tail()}") from None

    def stop(self, within=STOP_TIMEOUT_SECONDS):
        """Ends the process as a service manager would, and expects that to go well."""
        if self.process is None:
            return
        assert self.process.poll() is None, (
            f"packd has ended by itself with {self.process.returncode}:\n{self.tail()}"
        )
        self.terminate()
        status = self.wait(within)
        self.process = None
        assert status == EXIT_OK, f"packd ended with {status}:\n{self.tail()}"

    def kill(self):
        """Ends the process at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self):
        self.stop()
        return self.start()

    def channel(self):
        """A channel with a connection of its own."""
        return grpc.insecure_channel(self.address, options=CHANNEL_OPTIONS)

    def resident_bytes(self):
        """Memory of the process that is in RAM."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self):
        """Time that the process has spent on a processor, its own and the kernel's."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def tail(self, lines=30):
        return "\n".join(self.stderr.splitlines()[-lines:])


# Channels of one process share connections by default.
CHANNEL_OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
