"""packctl against an IngestUsage that fails on request, and its command line."""

import os
import random
import subprocess
import time
from pathlib import Path

import grpc
import pytest

from packd.v1 import package_service_pb2 as pb

from client import (
    EXIT_DATA, EXIT_DENIED, EXIT_NO_INPUT, EXIT_OK, EXIT_PARTLY_COUNTED, EXIT_PARTLY_READ,
    EXIT_UNAVAILABLE, EXIT_USAGE, EXIT_WRONG_ANSWER, environment, expect, measure, packctl,
    run, start)

PACKAGE = "package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B"

# A million take most of a minute to make, and no more memory to walk.
FILES = int(os.environ.get("PACKD_TEST_FILES", "100000"))


def lines(first, count, hours=1):
    """Lines of the combined format, no two the same, spread over so many hours."""
    now = time.time() - 3600 * hours
    step = 3600 * hours / count
    for number in range(first, first + count):
        moment = time.gmtime(now + (number - first) * step)
        clock = time.strftime("%d/%b/%Y:%H:%M:%S +0000", moment)
        yield f'192.0.2.7 - - [{clock}] "GET /{number} HTTP/1.1" 200 100 "-" "curl/8.0"\n'


def tail(fake, folder, log, *more, **options):
    return run(
        "--server", fake.address, "--timeout", "20s", "--json", "usage", "tail", PACKAGE, log,
        "--state-file", folder / "state.json", *more, **options)


def scan(fake, tree, *more, **options):
    return run(
        "--server", fake.address, "--timeout", "20s", "--json", "usage", "scan", PACKAGE, tree,
        *more, **options)


# The command line.


@pytest.mark.parametrize("arguments, status, text", [
    (["usage", "scan", PACKAGE], EXIT_USAGE, "<dir>"),
    (["usage", "scan", "", "."], EXIT_USAGE, "PACKAGE_ID"),
    (["usage", "scan", PACKAGE, "/nonexistent"], EXIT_NO_INPUT, "/nonexistent"),
    (["--server", "nonsense", "health"], EXIT_USAGE, "--server"),
    (["--timeout", "5", "health"], EXIT_USAGE, "--timeout"),
    (["--token-file", "/nonexistent", "health"], EXIT_NO_INPUT, "--token-file"),
    (["--token-file", "/dev/null", "health"], EXIT_USAGE, "--token-file"),
    (["--server", "localhost:1", "--tls-ca", "/nonexistent", "health"], EXIT_NO_INPUT, "--tls-ca"),
    (["--tls", "health"], EXIT_USAGE, "name of a host"),
    (["usage", "tail", PACKAGE, "log", "--format", "$status"], EXIT_USAGE, "--format"),
    (["usage", "tail", PACKAGE, "log", "--interval", "x"], EXIT_USAGE, "--interval"),
    (["frobnicate"], EXIT_USAGE, "frobnicate"),
])
def test_a_bad_option_is_named_on_one_line(arguments, status, text):
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (status, ""), result
    assert result.stderr.startswith("packctl: ") and result.stderr.count("\n") == 1
    assert text in result.stderr


def test_help_has_examples():
    for command in [[], ["usage", "scan"], ["usage", "tail"], ["health"]]:
        result = run(*command, "--help")
        assert result.returncode == EXIT_OK and "Examples:" in result.stdout


def test_nobody_there_is_said_when_the_time_is_over():
    began = time.monotonic()
    result = run("--server", "127.0.0.1:1", "--timeout", "1s", "health")
    assert result.returncode == EXIT_UNAVAILABLE
    assert time.monotonic() - began < 10
    assert "127.0.0.1:1: unavailable" in result.stderr


def test_settings_come_from_the_environment_and_a_token_from_a_file_only(fake, tmp_path):
    token = tmp_path / "token"
    token.write_text("secret-token\n")
    settings = {"PACKCTL_SERVER": fake.address, "PACKCTL_TOKEN_FILE": str(token)}
    result = run("--json", "usage", "scan", PACKAGE, tmp_path, settings=settings)
    assert expect(result)["verdict"] == "ACCEPTED"
    assert fake.metadata[0]["authorization"] == "Bearer secret-token"
    assert "secret-token" not in result.stdout + result.stderr


def test_a_token_that_was_not_given_is_asked_for_before_the_work(fake, tmp_path):
    for command in (["scan", PACKAGE, "/proc"], ["tail", PACKAGE, tmp_path / "access.log"]):
        result = run("--server", fake.address, "usage", *command,
                     settings={"PACKCTL_TOKEN_FILE": ""})
        assert (result.returncode, result.stdout) == (EXIT_DENIED, "")
        assert result.stderr == (
            "packctl: no token was given: expected --token-file or PACKCTL_TOKEN_FILE\n")
    assert not fake.received


def test_the_state_file_is_named(fake, tmp_path):
    text = " ".join(run("usage", "tail", "--help").stdout.split())
    assert "tail-ID.json in $XDG_STATE_HOME/packctl, or in ~/.local/state/packctl" in text
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 3)))
    settings = {"XDG_STATE_HOME": str(tmp_path)}
    refused = run("--server", "127.0.0.1:1", "--timeout", "1s", "usage", "tail", PACKAGE, log,
                  settings=settings)
    assert refused.returncode == EXIT_UNAVAILABLE
    [state] = (tmp_path / "packctl").glob("tail-*.json")
    assert str(state) in refused.stderr
    table = run("--server", "127.0.0.1:1", "usage", "tail", PACKAGE, tmp_path / "none.log",
                settings=settings)
    assert table.returncode == EXIT_NO_INPUT and "/packctl/tail-" in table.stderr
    answer = expect(run("--server", fake.address, "--json", "usage", "tail", PACKAGE, log,
                        settings=settings))
    assert Path(answer["state_file"]).is_file()


# Scans.


def test_a_scan_is_what_is_in_the_tree(fake, tmp_path):
    tree = tmp_path / "tree"
    (tree / "public/img").mkdir(parents=True)
    (tree / "public/index.html").write_bytes(b"x" * 5000)
    (tree / "public/img/a.jpg").write_bytes(b"x" * 50_000)
    (tree / "loop").symlink_to("..")
    (tree / "root").symlink_to("/")
    os.link(tree / "public/img/a.jpg", tree / "again.jpg")
    with open(tree / "sparse.img", "wb") as sparse:
        sparse.truncate(1 << 40)
    os.mkdir(os.fsencode(tree) + b"/\xff")
    (tree / os.fsdecode(b"\xff") / "x").write_bytes(b"x")
    answer = expect(scan(fake, tree))
    event = fake.received[0]
    assert event.package_id == PACKAGE and event.event_id == answer["event_id"]
    assert abs(event.observed_time.seconds - time.time()) < 60
    sent = event.disk_scan
    assert {one.path: one.files for one in sent.directories}.keys() >= {"public", "%FF"}
    assert answer["files"] == 4 == sum(one.files for one in sent.directories)
    assert sum(one.files for one in sent.file_types) == 4
    allocated = sum(one.bytes for one in sent.directories)
    assert allocated == sum(one.bytes for one in sent.file_types) == answer["bytes"]
    assert 55_000 <= allocated < 1 << 20
    assert answer["further_links"] == 1 and answer["unreadable"] == 0


def test_a_broken_scan_is_sent_again_under_its_id(fake, tmp_path):
    fake.breaks_after = [0, 0]
    result = scan(fake, tmp_path)
    assert expect(result)["verdict"] == "DUPLICATE"
    assert len(fake.received) == 3 and len(fake.events) == 1
    assert result.stderr.count("trying again") == 2


@pytest.mark.parametrize("verdict, status", [
    (pb.USAGE_VERDICT_CONFLICT, EXIT_PARTLY_COUNTED), (pb.USAGE_VERDICT_LATE, EXIT_PARTLY_COUNTED),
    (pb.USAGE_VERDICT_REJECTED, EXIT_PARTLY_COUNTED), (pb.USAGE_VERDICT_DUPLICATE, EXIT_OK),
])
def test_the_exit_status_says_what_became_of_a_scan(fake, tmp_path, verdict, status):
    fake.verdict = verdict
    expect(scan(fake, tmp_path), status)


@pytest.mark.parametrize("code, status", [
    (grpc.StatusCode.UNAUTHENTICATED, EXIT_DENIED),
    (grpc.StatusCode.PERMISSION_DENIED, EXIT_DENIED),
    (grpc.StatusCode.UNIMPLEMENTED, EXIT_WRONG_ANSWER),
])
def test_a_refusal_is_final(fake, tmp_path, code, status):
    fake.refusal = (code, "no \x1b[2J")
    result = scan(fake, tmp_path)
    assert expect(result, status) is None
    assert len(fake.metadata) == 1
    assert "\x1b" not in result.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can run packctl as another user")
def test_what_may_not_be_read_is_named_and_the_rest_is_sent(fake, tmp_path):
    tree = tmp_path / "tree"
    for name in ["open", "closed"]:
        (tree / name).mkdir(parents=True)
        (tree / name / "file").write_bytes(b"x")
    for folder in [tree, *tree.parents][:-1]:
        folder.chmod(folder.stat().st_mode | 0o055)
    (tree / "closed").chmod(0o700)
    binary = tmp_path / "packctl"
    binary.write_bytes(open(packctl(), "rb").read())
    binary.chmod(0o755)
    result = subprocess.run(
        [binary, "--server", fake.address, "--json", "usage", "scan", PACKAGE, tree],
        capture_output=True, text=True, timeout=60, user=65534, group=65534, extra_groups=[],
        check=False, env=environment())
    answer = expect(result, EXIT_PARTLY_READ)
    assert answer["unreadable"] == 1 and answer["files"] == 1
    assert "closed: Permission denied" in result.stderr
    assert answer["verdict"] == "ACCEPTED"


def test_a_tree_of_many_files_takes_bounded_memory(fake, tmp_path):
    tree = tmp_path / "tree"
    for number in range(FILES // 500):
        folder = tree / f"site-{number % 10}" / f"part-{number}"
        folder.mkdir(parents=True)
        for name in range(500):
            os.mknod(folder / f"f{name}.html", 0o100600)
    result, peak_kib, seconds = measure(
        tmp_path / "measured", "--server", fake.address, "--json", "usage", "scan", PACKAGE, tree)
    assert expect(result)["files"] == FILES
    assert peak_kib < 48 * 1024, f"{peak_kib} KiB"
    print(f"{FILES} files: {peak_kib} KiB, {seconds:.2f} s CPU")


def test_a_tree_of_too_many_directories_still_fits(fake, tmp_path):
    tree = tmp_path / "tree"
    for number in range(30):
        for inner in range(700):
            folder = tree / f"d{number}" / ("n" * 200 + str(inner))
            folder.mkdir(parents=True)
            os.close(os.open(folder / "f", os.O_CREAT | os.O_WRONLY, 0o600))
    result = scan(fake, tree)
    answer = expect(result)
    sent = fake.received[0].disk_scan
    assert len(sent.directories) == 30 and answer["folded_directories"] == 21_000
    assert sum(one.files for one in sent.directories) == 21_000 == answer["files"]
    assert "counted in those above" in result.stderr


# Logs.


def test_a_log_is_counted_once_however_often_it_is_read(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 5000, hours=30)))
    answer = expect(tail(fake, tmp_path, log))
    assert answer["requests"] == 5000 and answer["out_bytes"] == 500_000
    assert answer["accepted"] == len(fake.events) in (30, 31)
    assert expect(tail(fake, tmp_path, log))["lines"] == 0
    with open(log, "a") as more:
        more.writelines(lines(5000, 10))
        more.write("192.0.2.7 - - [")
    assert expect(tail(fake, tmp_path, log))["requests"] == 10
    assert fake.requests == 5010


def test_a_stream_that_breaks_in_the_middle_counts_nothing_twice(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 2000, hours=40)))
    fake.breaks_after = [3, 0, 7, 1]
    answer = expect(tail(fake, tmp_path, log))
    assert fake.requests == 2000 and answer["requests"] == 2000
    # What was counted, and not answered, came again.
    assert answer["duplicate"] >= 2 and answer["conflict"] == 0


def test_a_run_that_is_killed_counts_nothing_twice_and_loses_nothing(fake, tmp_path):
    log = tmp_path / "access.log"
    written = 0
    dice = random.Random(4)
    for _ in range(12):
        with open(log, "a") as more:
            more.writelines(lines(written, 3000, hours=20))
        written += 3000
        process = start(
            "--server", fake.address, "usage", "tail", PACKAGE, log, "--state-file",
            tmp_path / "state.json")
        time.sleep(dice.uniform(0.01, 0.25))
        process.kill()
        process.communicate()
    expect(tail(fake, tmp_path, log))
    assert fake.requests == written and fake.out_bytes == 100 * written


def test_a_daemon_that_is_away_loses_nothing(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 100)))
    fake.refusal = (grpc.StatusCode.UNAVAILABLE, "away")
    result = run(
        "--server", fake.address, "--timeout", "1s", "usage", "tail", PACKAGE, log,
        "--state-file", tmp_path / "state.json")
    assert result.returncode == EXIT_UNAVAILABLE
    fake.refusal = None
    assert expect(tail(fake, tmp_path, log))["requests"] == 100


def test_an_unknown_package_does_not_pass_the_log_over(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 100)))
    fake.verdict = pb.USAGE_VERDICT_REJECTED
    result = tail(fake, tmp_path, log)
    assert result.returncode == EXIT_PARTLY_COUNTED and "PACKAGE_NOT_FOUND" in result.stderr
    fake.verdict = None
    assert expect(tail(fake, tmp_path, log))["requests"] == 100


def test_late_lines_are_said_to_be(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 100)))
    fake.verdict = pb.USAGE_VERDICT_LATE
    result = tail(fake, tmp_path, log)
    assert expect(result, EXIT_PARTLY_COUNTED)["late"] > 0
    assert "LATE" in result.stderr
    assert expect(tail(fake, tmp_path, log))["lines"] == 0


def test_a_log_of_another_format_is_said_to_be(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("one\ntwo\n")
    result = tail(fake, tmp_path, log)
    assert expect(result, EXIT_PARTLY_READ)["malformed_lines"] == 2
    assert "--format" in result.stderr


def test_a_damaged_state_file_is_not_taken_for_none(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 5)))
    (tmp_path / "state.json").write_text("{")
    assert expect(tail(fake, tmp_path, log), EXIT_DATA) is None
    assert not fake.received


def test_two_runs_at_once_do_not_share_a_state_file(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 5)))
    first = start(
        "--server", fake.address, "usage", "tail", PACKAGE, log, "--follow", "--state-file",
        tmp_path / "state.json")
    try:
        deadline = time.monotonic() + 20
        while fake.requests < 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert expect(tail(fake, tmp_path, log), EXIT_UNAVAILABLE) is None
    finally:
        first.kill()
        first.communicate()


def test_follow_counts_what_comes_also_after_a_rotation(fake, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(lines(0, 5)))
    process = start(
        "--server", fake.address, "usage", "tail", PACKAGE, log, "--follow", "--interval", "1s",
        "--state-file", tmp_path / "state.json")
    try:
        for number in range(1, 4):
            deadline = time.monotonic() + 20
            while fake.requests < 5 * number and time.monotonic() < deadline:
                time.sleep(0.05)
            assert fake.requests == 5 * number
            log.rename(tmp_path / f"access.log.{number}")
            log.write_text("".join(lines(5 * number, 5)))
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_log_of_a_million_lines_takes_bounded_memory(fake, tmp_path):
    log = tmp_path / "access.log"
    block = "".join(lines(0, 10_000, hours=10))
    with open(log, "w") as out:
        for _ in range(100):
            out.write(block)
    result, peak_kib, seconds = measure(
        tmp_path / "measured", "--server", fake.address, "--json", "usage", "tail", PACKAGE, log,
        "--state-file", tmp_path / "state.json")
    assert expect(result)["requests"] == 1_000_000
    assert peak_kib < 48 * 1024, f"{peak_kib} KiB"
    print(f"1,000,000 lines: {peak_kib} KiB, {seconds:.2f} s CPU")
