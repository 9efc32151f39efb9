"""packd-interop as a process: its handlers do what the client asks for."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import grpc
from packd_testing.daemon import CHANNEL_OPTIONS, find_binary, free_port

START_TIMEOUT_SECONDS = 10
STOP_TIMEOUT_SECONDS = 40


def find_interop_binary():
    """PACKD_INTEROP_BIN, or what was built beside the daemon."""
    named = os.environ.get("PACKD_INTEROP_BIN")
    path = Path(named) if named else find_binary().with_name("packd-interop")
    if not path.is_file():
        raise FileNotFoundError(f"no server at {path}; set PACKD_INTEROP_BIN")
    return path.resolve()


class InteropServer:
    def __init__(self):
        self.port = free_port()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [find_interop_binary(), "--listen", f"127.0.0.1:{self.port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            assert self.process.poll() is None, f"ended with {self.process.returncode}"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < until, "packd-interop does not listen in time"
                time.sleep(0.01)

    def stop(self):
        """Ends the process, which must have lived until now, and must drain."""
        try:
            assert self.process.poll() is None, f"ended with {self.process.returncode}"
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(STOP_TIMEOUT_SECONDS) == 0
        finally:
            self.process.kill()
            self.process.wait()

    def channel(self):
        return grpc.insecure_channel(f"127.0.0.1:{self.port}", options=[
            *CHANNEL_OPTIONS, ("grpc.max_receive_message_length", -1)])

    def resident_bytes(self):
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
