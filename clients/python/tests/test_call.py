"""call.py and example.py, as a newcomer runs them."""

import json
import os
import subprocess
import sys

import pytest
from packd_testing.daemon import REPOSITORY
from packd_testing.tokens import make_token

CLIENT = REPOSITORY / "clients" / "python"


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(make_token() + "\n", encoding="utf-8")
    return path


def run(program, *arguments, stdin="", token=""):
    return subprocess.run(
        [*program, *map(str, arguments)], input=stdin, capture_output=True, text=True,
        timeout=30, check=False,
        env={**os.environ, "PYTHONUTF8": "1", "PACKD_TOKEN": token})


def call(*arguments, **options):
    return run([sys.executable, CLIENT / "call.py"], *arguments, **options)


def test_an_answer_is_printed_as_json(daemon, token_file):
    result = call(
        "packd.v1.CatalogueService/GetPlan", '{"code": "vps"}', "--server", daemon.address,
        "--token-file", token_file)
    assert result.returncode == 0, result.stderr
    plan = json.loads(result.stdout)["plan"]
    assert plan["code"] == "vps"
    assert plan["kind"] == "PLAN_KIND_VPS"
    assert plan["version"] == 1
    assert result.stderr == ""


def test_the_request_can_come_from_stdin_and_the_package_be_left_out(daemon):
    result = call(
        "CatalogueService/GetPlan", "-", "--server", daemon.address, "--token", make_token(),
        stdin='{"code": "reseller"}')
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["plan"]["code"] == "reseller"


def test_an_error_is_printed_with_its_details(daemon, token_file):
    result = call(
        "CatalogueService/ListPlans", '{"page_size": -1}', "--server", daemon.address,
        "--token-file", token_file)
    assert result.returncode == 1
    assert result.stdout == ""
    first_line, details = result.stderr.split("\n", 1)
    assert first_line.startswith("INVALID_ARGUMENT: ")
    assert "INVALID_FIELDS" in details
    assert '"field": "page_size"' in details


def test_a_call_without_token_is_unauthenticated(daemon):
    result = call("CatalogueService/ListPlans", "--server", daemon.address)
    assert result.returncode == 1
    assert result.stderr.startswith("UNAUTHENTICATED: Missing or invalid token\n")


def test_the_token_can_come_from_the_environment(daemon, token_file):
    arguments = ["CatalogueService/GetPlan", '{"code": "vps"}', "--server", daemon.address]
    result = call(*arguments, token=make_token() + "\n")
    assert result.returncode == 0, result.stderr
    # An option goes before it.
    for option in (["--token-file", token_file], ["--token", make_token()]):
        assert call(*arguments, *option, token="expired").returncode == 0
    assert call(*arguments, "--token", "", token=make_token()).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["CatalogueService/Nope"], "CatalogueService/Nope"),
        (["CatalogueService/GetPlan", "{"], "JSON"),
        (["CatalogueService/GetPlan", '{"colour": 1}'], "colour"),
        (["CatalogueService/GetPlan", "--token-file", "/no/such/file"], "/no/such/file"),
    ],
    ids=["unknown method", "no JSON", "unknown field", "no token file"],
)
def test_a_wrong_argument_is_named(arguments, complaint):
    result = call(*arguments)
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_the_wrapper_needs_nothing_set_up(daemon, token_file):
    result = run(
        [CLIENT / "call"], "CatalogueService/GetPlan", '{"code": "vps"}', "--server",
        daemon.address, "--token-file", token_file)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["plan"]["code"] == "vps"


def test_the_example_walks_the_catalogue(daemon, token_file):
    result = run([sys.executable, CLIENT / "example.py"], daemon.address, token_file)
    assert result.returncode == 0, result.stderr
    steps = [line.split()[0] for line in result.stdout.splitlines()]
    assert steps == ["created", "read", "updated", *["listed"] * 6, "deleted"]
