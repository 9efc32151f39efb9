"""WatchPackages: 1,000 watchers, one change; when the last of them has it, and what they take.

usage: watch.py [--rounds 20]

100 watches on each of 10 connections, read by one client on core 1. A round counts from the
moment before the change is sent to the moment when the last watcher's response has arrived, the
write to the disk included.
"""
import argparse
import pathlib
import selectors
import statistics
import time

import benchmark
import ingest
import load
from connection import DATA, Connection, ends_stream

CONNECTIONS, WATCHES = 10, 100
WATCH = "/packd.v1.PackageService/WatchPackages"
MAX_MILLISECONDS, MAX_RESIDENT_MIB = 50, 256
MIB = 1 << 20
WARM_ROUNDS = 3
TIMEOUT_SECONDS = 10


def watch(connection, block):
    """Opens the connection's watches; returns when each has had its token."""
    calls = [connection.call(block, b"") for _ in range(WATCHES)]
    connection.socket.sendall(b"".join(data for _, data in calls))
    waiting = {stream for stream, _ in calls}
    while waiting:
        waiting -= responses(connection)


def responses(connection):
    """The streams that what has arrived has a response on."""
    found = set()
    for kind, flags, stream in connection.receive():
        if ends_stream(kind, flags):
            raise SystemExit(f"the watch on stream {stream} has ended")
        if kind == DATA:
            found.add(stream)
    return found


def change(stub, metadata, package_id, name):
    from google.protobuf import field_mask_pb2
    from packd.v1 import package_service_pb2 as packages
    request = packages.UpdatePackageRequest(
        hosting_package=packages.HostingPackage(id=package_id, name=name),
        update_mask=field_mask_pb2.FieldMask(paths=["name"]))
    return stub.UpdatePackage.future(request, metadata=metadata)


def measure(connections, send):
    """Seconds until every watcher has the change that `send` makes."""
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    waiting = {connection: WATCHES for connection in connections}
    began = time.perf_counter()
    call = send()
    while any(waiting.values()):
        ready = selector.select(TIMEOUT_SECONDS)
        if not ready:
            raise SystemExit("watchers have missed a change")
        for key, _ in ready:
            waiting[key.data] -= len(responses(key.data))
    seconds = time.perf_counter() - began
    call.result()
    return seconds


def main():
    import grpc
    from packd.v1.package_service_pb2_grpc import PackageServiceStub

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    packd = benchmark.find_packd()
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        token = benchmark.Token(packd, work)
        metadata = (("authorization", token.bearer),)
        command = benchmark.serve_command(packd, token, work / "data")
        with benchmark.Server(command, core=None) as server:
            package_id = ingest.make_packages(server.port, token, 1)[0]
            block = load.header_block(WATCH, token.bearer)
            connections = [Connection(server.port) for _ in range(CONNECTIONS)]
            for connection in connections:
                watch(connection, block)
            with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
                stub = PackageServiceStub(channel)
                times = [
                    measure(connections, lambda: change(stub, metadata, package_id, f"n{round_}"))
                    for round_ in range(WARM_ROUNDS + options.rounds)
                ][WARM_ROUNDS:]
            resident = server.resident_bytes()
            for connection in connections:
                connection.socket.close()
    count = CONNECTIONS * WATCHES
    slowest = max(times) * 1e3
    benchmark.row(f"{count:,} watchers, one change: the last has it",
                  f"{statistics.median(times) * 1e3:.1f} ms, at most {slowest:.1f} ms",
                  f"<= {MAX_MILLISECONDS} ms", slowest <= MAX_MILLISECONDS)
    benchmark.row(f"{count:,} watchers: resident memory", f"{resident / MIB:.1f} MiB",
                  f"<= {MAX_RESIDENT_MIB} MiB", resident <= MAX_RESIDENT_MIB * MIB)


if __name__ == "__main__":
    main()
