"""What an idle daemon holds, with and without idle connections, and how soon it serves.

usage: footprint.py [--starts 7]

Connections have finished their HTTP/2 handshake, and on each a PING is answered in the end. A
start counts from exec to the first 200 of /readyz, on a SQLite file of 10,000 plans: one that
was closed in order, and one without the note of its last checkpoint, as a crash can leave it,
which is verified as a whole first.
"""
import argparse
import pathlib
import resource
import signal
import socket
import statistics
import subprocess
import time

import benchmark
import load
import plans
from connection import Connection

MIB = 1 << 20
CONNECTIONS = 10_000
PLANS = 10_000
MAX_IDLE_MIB, MAX_CONNECTED_MIB, MAX_START_MILLISECONDS = 40, 256, 100
SETTLE_SECONDS = 2
READY_REQUEST = b"GET /readyz HTTP/1.1\r\nhost: packd\r\nconnection: close\r\n\r\n"


def allow_files(count):
    """Lets this process, and the servers that it starts, have `count` open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))


def measure_memory(packd, token, work):
    command = benchmark.serve_command(packd, token, work / "memory")
    with benchmark.Server(command, core=None) as server:
        time.sleep(SETTLE_SECONDS)
        idle = server.resident_bytes()
        benchmark.row("idle daemon: resident memory", f"{idle / MIB:.1f} MiB",
                      f"< {MAX_IDLE_MIB} MiB", idle < MAX_IDLE_MIB * MIB)
        connections = [Connection(server.port) for _ in range(CONNECTIONS)]
        time.sleep(SETTLE_SECONDS)
        connected = server.resident_bytes()
        for connection in connections:
            connection.ping()
        connected = max(connected, server.resident_bytes())
        for connection in connections:
            connection.socket.close()
    benchmark.row(f"{CONNECTIONS:,} idle connections: resident memory",
                  f"{connected / MIB:.1f} MiB", f"< {MAX_CONNECTED_MIB} MiB",
                  connected < MAX_CONNECTED_MIB * MIB)


def is_ready(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            probe.sendall(READY_REQUEST)
            return probe.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def start(command):
    """Milliseconds from exec to ready; drains the process again."""
    port, admin = benchmark.free_port(), benchmark.free_port()
    command = [str(part).replace("{port}", str(port)) for part in command]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--admin-listen", f"127.0.0.1:{admin}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_ready(admin):
            if process.poll() is not None:
                raise SystemExit(f"packd has ended with {process.returncode}")
            time.sleep(0.0005)
        return (time.perf_counter() - began) * 1e3
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def measure_start(packd, token, work, starts):
    command = benchmark.serve_command(packd, token, work / "start")
    with benchmark.Server(command, core=None) as server:
        load.run(server.port, plans.CREATE, token.bearer, plans.creations(0, PLANS), 8, 8)
    as_left = statistics.median(start(command) for _ in range(starts))
    benchmark.row(f"start to ready, {PLANS:,} plans", f"{as_left:.0f} ms",
                  f"< {MAX_START_MILLISECONDS} ms", as_left < MAX_START_MILLISECONDS)
    times = []
    for _ in range(starts):
        (work / "start/packd.db.lock").unlink()
        times.append(start(command))
    benchmark.row(f"start to ready, {PLANS:,} plans, file verified first",
                  f"{statistics.median(times):.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=7)
    options = parser.parse_args()
    packd = benchmark.find_packd()
    allow_files(CONNECTIONS + 200)
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        token = benchmark.Token(packd, work)
        measure_memory(packd, token, work)
        measure_start(packd, token, work, options.starts)


if __name__ == "__main__":
    main()
