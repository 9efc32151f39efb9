"""GetPlan with a Bearer token on the default SQLite store, beside a bare nghttp2 server (floor.c).

usage: unary.py [--rounds 5] [--seconds 2] [--peers]

Each round starts every server in turn, pinned to core 0, and loads it with h2load on core 1 in
three shapes: connections x streams of each. Compared is the CPU time that a call costs the
server, since that is what a shared machine disturbs least. packd checks the token and writes
its log line; the floor and the peers do neither. packd over TLS is compared with packd in
plaintext. --peers adds the servers of peers.py that can be built here.
"""
import argparse
import pathlib
import statistics

import benchmark
import peers

SHAPES = [("1x1", 1, 1, None), ("16x1", 16, 1, 1.5), ("10x100", 10, 100, 3.0)]
WARM_UP_CALLS = 2_000
TLS, TLS_TARGETS = "packd over TLS", {"10x100": 1.8}


def measure(command, header, seconds, scheme):
    """CPU microseconds per call, and calls per second, for each shape."""
    results = {}
    with benchmark.Server(command) as server:
        benchmark.h2load(
            server.port, ["-n", str(WARM_UP_CALLS), "-c", "10", "-m", "10"], header,
            scheme=scheme)
        for shape, connections, streams, _ in SHAPES:
            before = server.cpu_seconds()
            done, _ = benchmark.h2load(
                server.port, ["-D", str(seconds), "-c", str(connections), "-m", str(streams)],
                header, scheme=scheme)
            cpu = (server.cpu_seconds() - before) / done * 1e6
            results[shape] = cpu, done / seconds
    return results


def show(name, rounds, other, other_rounds, targets):
    """A row for each shape: CPU per call, as a multiple of the other's unless that is None."""
    for shape, _, _, _ in SHAPES:
        cpu = statistics.median(r[shape][0] for r in rounds)
        rate = statistics.median(r[shape][1] for r in rounds)
        measured = f"{cpu:.2f} us, {rate:,.0f}/s"
        if other is None:
            benchmark.row(f"GetPlan {shape}, {name}: CPU per call", measured)
            continue
        ratio = statistics.median(
            r[shape][0] / f[shape][0] for r, f in zip(rounds, other_rounds))
        target = targets.get(shape)
        benchmark.row(
            f"GetPlan {shape}, {name}: CPU, of {other}'s",
            f"{ratio:.2f}x = {measured}", f"<= {target}x" if target else "",
            ratio <= target if target else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    packd = benchmark.find_packd()
    with benchmark.work_folder() as folder:
        work = pathlib.Path(folder)
        token = benchmark.Token(packd, work)
        commands = {
            "floor": [benchmark.build_floor(work), "{port}"],
            "packd": benchmark.serve_command(packd, token, work / "data"),
            TLS: [*benchmark.serve_command(packd, token, work / "data"),
                  *benchmark.tls_options(work)],
        }
        if options.peers:
            commands |= peers.build(work)
        rounds = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                scheme = "https" if name == TLS else "http"
                rounds[name].append(measure(command, token.header, options.seconds, scheme))
    targets = {shape: target for shape, _, _, target in SHAPES if target}
    for name, measured in rounds.items():
        other = {"floor": None, TLS: "packd"}.get(name, "the floor")
        show(name, measured, other, rounds["packd" if name == TLS else "floor"],
             {"packd": targets, TLS: TLS_TARGETS}.get(name, {}))


if __name__ == "__main__":
    main()
