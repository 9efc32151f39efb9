"""packctl between a real nginx, real files and a real daemon: everything counts once."""

import os
import random
import time

import pytest
from packd_testing.certificates import Authority
from packd_testing.packages import timestamp
from packd_testing.tokens import make_token

from client import (
    EXIT_DENIED, EXIT_OK, EXIT_PARTLY_COUNTED, EXIT_UNAVAILABLE, EXIT_USAGE, expect, run, start)

HOUR_SECONDS = 3600


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token"
    path.write_text(make_token("Service"))
    return path


@pytest.fixture
def options(daemon, token):
    return ["--server", daemon.address, "--token-file", token, "--timeout", "30s", "--json"]


def bandwidth(packages, package):
    """What the daemon has counted of the last hours: bytes in and out, and requests."""
    total = packages.GetPackageBandwidthUsage(
        package_id=package.id, start_time=timestamp(time.time() - 3 * HOUR_SECONDS),
        end_time=timestamp(time.time() + HOUR_SECONDS),
        interval="BANDWIDTH_INTERVAL_HOUR").bandwidth_usage.total
    return total.in_bytes, total.out_bytes, total.requests


def test_the_daemon_says_that_it_serves(options):
    assert expect(run(*options, "health"))["status"] == "SERVING"


def test_a_daemon_with_tls_is_known_by_its_authority(own_daemon, tmp_path):
    authority, other = Authority(), Authority("another")
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    authority.issue().write(certificate, key)
    own_daemon.options = ["--tls-cert", certificate, "--tls-key", key]
    own_daemon.start()
    named = f"localhost:{own_daemon.port}"
    for known, status in [(authority, EXIT_OK), (other, EXIT_UNAVAILABLE)]:
        roots = tmp_path / "roots.pem"
        roots.write_bytes(known.pem)
        result = run("--server", named, "--tls-ca", roots, "--timeout", "5s", "health")
        assert result.returncode == status, result
    assert run("--server", named, "--timeout", "2s", "health").returncode == EXIT_UNAVAILABLE
    numeric = run("--server", own_daemon.address, "--tls-ca", roots, "health")
    assert numeric.returncode == EXIT_USAGE and "name of a host" in numeric.stderr


def test_what_nginx_served_is_counted_once(options, packages, nginx, tmp_path):
    """Through rotations by rename and gzip, runs that come twice, and runs that are killed."""
    package = packages.create()
    tail = [
        *options, "usage", "tail", package.id, nginx.log, "--state-file", tmp_path / "state.json"]
    dice = random.Random(6)
    nginx.load(40)
    assert expect(run(*tail))["requests"] == nginx.requests
    assert expect(run(*tail))["lines"] == 0
    for round_number in range(6):
        nginx.load(25)
        if round_number % 2 == 0:
            nginx.rotate()
            nginx.load(15)
        killed = start(*tail)
        time.sleep(dice.uniform(0.0, 0.12))
        killed.kill()
        killed.communicate()
    assert list(nginx.folder.glob("access.log.*.gz")), "nothing was gzipped"
    last = run(*tail)
    assert last.returncode == EXIT_OK, last
    assert expect(run(*tail))["lines"] == 0
    assert bandwidth(packages, package) == (0, nginx.body_bytes, nginx.requests)


def test_what_requests_took_is_counted_when_the_log_says_it(options, packages, nginx, tmp_path):
    package = packages.create()
    nginx.load(20)
    text = '$remote_addr [$time_iso8601] "$request" $status $bytes_sent $request_length'
    answer = expect(run(
        *options, "usage", "tail", package.id, nginx.folder / "sizes.log", "--format", text,
        "--state-file", tmp_path / "state.json"))
    rows = [line.split() for line in (nginx.folder / "sizes.log").read_text().splitlines()]
    received = sum(int(row[-1]) for row in rows)
    sent = sum(int(row[-2]) for row in rows)
    assert answer["malformed_lines"] == 0 and received > 0 and sent > nginx.body_bytes
    assert bandwidth(packages, package) == (received, sent, nginx.requests)


def test_a_daemon_that_is_killed_meanwhile_counts_once(own_daemon, token, tmp_path):
    """The same events, whether the daemon forgot to answer or never saw them."""
    from packd_testing.packages import Packages

    own_daemon.start()
    with own_daemon.channel() as channel:
        package = Packages(channel).create()
    log = tmp_path / "access.log"
    written = 0
    for number in range(4):
        clock = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
        with open(log, "a", encoding="ascii") as more:
            for _ in range(20_000):
                more.write(f'192.0.2.7 - - [{clock}] "GET /{written} HTTP/1.1" 200 10 "-" "x"\n')
                written += 1
        process = start(
            "--server", own_daemon.address, "--token-file", token, "usage", "tail", package.id,
            log, "--state-file", tmp_path / "state.json")
        time.sleep(0.03 * number)
        own_daemon.kill()
        own_daemon.start()
        out, err = process.communicate(timeout=60)
        assert process.returncode == EXIT_OK, (out, err)
    with own_daemon.channel() as channel:
        assert bandwidth(Packages(channel), package) == (0, 10 * written, written)


def test_a_tree_is_what_the_daemon_says_that_it_is(options, packages, tmp_path):
    package = packages.create()
    tree = tmp_path / "site"
    for number in range(30):
        folder = tree / "public" / f"part-{number}"
        folder.mkdir(parents=True)
        for name in range(20):
            (folder / f"{name}.html").write_bytes(b"x" * 3000)
    (tree / "up").symlink_to("..")
    (tree / "root").symlink_to("/")
    os.link(tree / "public/part-0/0.html", tree / "again.html")
    with open(tree / "sparse.img", "wb") as sparse:
        sparse.truncate(1 << 40)
    for expected in (601, 602):
        answer = expect(run(*options, "usage", "scan", package.id, tree))
        assert answer["verdict"] == "ACCEPTED" and answer["files"] == expected
        usage = packages.GetPackageDiskUsage(
            package_id=package.id, depth=2, page_size=1000).disk_usage
        assert (usage.total_files, usage.total_bytes) == (expected, answer["bytes"])
        by_path = {one.path: one.files for one in usage.directories}
        assert by_path[""] == expected and by_path["public"] >= 599
        assert usage.total_bytes < 1 << 30
        (tree / "new.html").write_bytes(b"x")


def test_a_tree_of_too_many_directories_is_taken(options, packages, tmp_path):
    package = packages.create()
    tree = tmp_path / "site"
    for number in range(20):
        for inner in range(1000):
            (tree / f"d{number}" / (f"{inner}" + "n" * 220)).mkdir(parents=True)
            (tree / f"d{number}" / (f"{inner}" + "n" * 220) / "f").write_bytes(b"")
    deep = tree / "/".join(["deep"] * 100)
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"")
    answer = expect(run(*options, "usage", "scan", package.id, tree))
    assert answer["verdict"] == "ACCEPTED" and answer["folded_directories"] >= 20_000
    usage = packages.GetPackageDiskUsage(package_id=package.id, depth=64).disk_usage
    assert usage.total_files == 20_001


def test_names_that_are_no_text_are_taken(options, packages, tmp_path):
    package = packages.create()
    tree = os.fsencode(tmp_path / "site")
    for name in [b"\xff\xfe", b"a\nb", b"100%", b"%FF", "Größe".encode(), b"\x1b[2J"]:
        os.makedirs(tree + b"/" + name)
        with open(tree + b"/" + name + b"/f." + name, "wb"):
            pass
    answer = expect(run(*options, "usage", "scan", package.id, os.fsdecode(tree)))
    assert answer["verdict"] == "ACCEPTED"
    usage = packages.GetPackageDiskUsage(package_id=package.id, depth=1).disk_usage
    assert {one.path for one in usage.directories} == {
        "", "%FF%FE", "a%0Ab", "100%", "%25FF", "Größe", "%1B[2J"}


def test_who_may_not_is_told_so(daemon, packages, tmp_path):
    package = packages.create()
    path = tmp_path / "token"
    for text in (make_token("Sales"), "nonsense"):
        path.write_text(text)
        result = run("--server", daemon.address, "--token-file", path, "usage", "scan",
                     package.id, tmp_path)
        assert result.returncode == EXIT_DENIED, result
        assert result.stderr.count("\n") == 1


def test_a_package_of_another_account_is_rejected(options, packages, called_as, tmp_path):
    package = called_as(account="stranger").create()
    result = run(*options, "usage", "scan", package.id, tmp_path)
    assert expect(result, EXIT_PARTLY_COUNTED)["verdict"] == "REJECTED"
    assert "PACKAGE_NOT_FOUND" in result.stderr
