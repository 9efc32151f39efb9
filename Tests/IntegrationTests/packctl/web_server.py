"""nginx as Debian has it, started for one test in a folder of its own."""

import os
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from packd_testing.daemon import free_port

START_TIMEOUT_SECONDS = 10

CONFIGURATION = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  log_format sizes '$remote_addr [$time_iso8601] "$request" $status $bytes_sent $request_length';
  server {{
    listen 127.0.0.1:{port};
    root {folder}/root;
    access_log {folder}/access.log combined;
    access_log {folder}/sizes.log sizes;
  }}
}}
"""


class WebServer:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.process = None
        self.requests = 0
        self.body_bytes = 0

    @property
    def log(self):
        return self.folder / "access.log"

    def start(self):
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
        if nginx is None:
            pytest.skip("nginx is not installed: scripts/debian-packages.sh nginx-light")
        (self.folder / "root").mkdir(parents=True)
        for name, size in [("index.html", 612), ("photo.jpg", 40_000)]:
            (self.folder / "root" / name).write_bytes(b"x" * size)
        user = "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=self.folder, port=self.port, user=user))
        self.process = subprocess.Popen(
            [nginx, "-p", str(self.folder), "-c", str(configuration),
             "-e", str(self.folder / "error.log")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < deadline, (
                (self.folder / "error.log").read_text())
            time.sleep(0.05)

    def answers(self):
        try:
            self.get("/")
        except OSError:
            return False
        return True

    def get(self, path):
        """One request, which the log has a line for."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
            body = response.read()
        self.requests += 1
        self.body_bytes += len(body)

    def load(self, count):
        # No two lines are the same, though many are of one second: a log is known by its first.
        for number in range(count):
            self.get(f"/{'photo.jpg' if number % 3 == 0 else 'index.html'}?{self.requests}")
        self.settle()

    def settle(self):
        """Waits for the line of the last response, which nginx writes after it."""
        deadline = time.monotonic() + 5
        while self.lines() < self.requests and time.monotonic() < deadline:
            time.sleep(0.01)

    def lines(self):
        plain = [path for path in self.folder.glob("access.log*") if path.suffix != ".gz"]
        gzipped = self.folder.glob("access.log*.gz")
        count = sum(path.read_bytes().count(b"\n") for path in plain)
        for path in gzipped:
            count += subprocess.run(
                ["gzip", "-dc", str(path)], capture_output=True, check=True).stdout.count(b"\n")
        return count

    def rotate(self):
        """As logrotate does: the one before is gzipped, this one renamed, and nginx is told."""
        old = self.folder / "access.log.1"
        if old.exists():
            number = 2 + len(list(self.folder.glob("access.log.*.gz")))
            old = old.rename(self.folder / f"access.log.{number}")
            subprocess.run(["gzip", str(old)], check=True)
        self.log.rename(self.folder / "access.log.1")
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + 5
        while not self.log.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        # The worker opens the new file a moment after the master.
        time.sleep(0.2)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
