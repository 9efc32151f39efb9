"""example_packages.py, as a newcomer runs it."""

import re
import subprocess
import sys

import pytest
from packd_testing.daemon import REPOSITORY
from packd_testing.tokens import make_token

EXAMPLE = REPOSITORY / "clients" / "python" / "example_packages.py"


@pytest.fixture
def run(daemon, tmp_path):
    path = tmp_path / "token"
    path.write_text(make_token(sub="the-admin") + "\n", encoding="utf-8")

    def example(*names):
        return subprocess.run(
            [sys.executable, str(EXAMPLE), daemon.address, str(path), *names],
            capture_output=True, text=True, timeout=30, check=False)

    return example


def lines(result):
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    text = re.sub(r"example-\w{12}", "NAME", result.stdout)
    return text.splitlines()


def test_a_package_is_created_and_configured(run):
    seen = lines(run("create"))
    assert seen[:2] == ["-- create", "created NAME.example"]
    before, after = seen[2], seen[3]
    assert re.fullmatch(r"PHP \d\.\d, \d+ MB a script", before)
    assert after == re.sub(r"\d+ MB", "256 MB", before)
    assert seen[4:6] == [
        "NAME.example is served from public_html", "www.NAME.example is served from public_html"]
    assert re.fullmatch(r"deleted NAME\.example, gone for good on \d{4}-\d\d-\d\d", seen[6])


def test_usage_is_reported_and_shown(run):
    seen = lines(run("usage"))[2:-1]
    assert seen[:3] == ["event USAGE_VERDICT_ACCEPTED"] * 3
    assert [line.split(":")[0] for line in seen[3:7]] == [
        "disk_space", "bandwidth", "email_accounts", "databases"]
    assert re.fullmatch(r"bandwidth: \d+ of \d+", seen[4])
    buckets = seen[7:]
    assert len(buckets) == 4
    assert sum(line.endswith(" 1000 MB sent") for line in buckets) == 3


def test_a_package_is_suspended_and_freed(run):
    assert lines(run("suspend"))[2:-1] == [
        "suspended ['Two bills are not paid']",
        "suspended ['Two bills are not paid', 'It sends spam']",
        "suspended ['It sends spam']", "active []",
    ]


def test_users_are_added_and_removed(run):
    assert lines(run("users"))[2:-1] == [
        "stack-user-1 was added by the-admin", "stack-user-2 was added by the-admin",
        "left: ['stack-user-2']",
    ]


def test_all_four_run_one_after_the_other(run):
    seen = [line for line in lines(run()) if line.startswith("-- ")]
    assert seen == ["-- create", "-- usage", "-- suspend", "-- users"]


def test_an_unknown_program_is_refused_with_what_there_is(run):
    result = run("dance")
    assert result.returncode == 1
    assert "create|usage|suspend|users" in result.stderr
