"""The command line of packd: what it teaches, and how it refuses what it does not understand."""

import json
import time

import jwt
import pytest
from packd_testing.plans import Catalogue
from packd_testing.program import expect_refusal, run
from packd_testing.tokens import SECRET

USAGE = 64


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n", encoding="utf-8")
    return path


def check(*arguments, **options):
    return run("check-config", *arguments, **options)


# MARK: Help


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]], ids=["none", "--help", "help"])
def test_help_names_the_subcommands(arguments):
    result = run(*arguments)
    assert result.returncode == 0
    assert result.stderr == ""
    for text in ("serve", "token", "check-config", "PACKD_JWT_SECRET_FILE"):
        assert text in result.stdout


def test_help_of_serve_names_every_option_and_its_default():
    result = run("serve", "--help")
    assert result.returncode == 0
    text = " ".join(result.stdout.split())
    for option in ("--listen", "--store", "--jwt-secret-file", "--jwt-jwks-file", "--jwt-issuer",
                   "--jwt-audience", "--dev", "--admin-listen", "--event-loops", "--log-level",
                   "--log-format", "--seed", "--config", "--max-connections",
                   "--max-buffered-response-bytes-per-connection", "--drain-grace-seconds"):
        assert option in text, option
    for default in ("(default: 127.0.0.1:50051)", "(default: sqlite:./packd-data/packd.db)",
                    "(default: 20000)", "(default: 30)", "(default: info)"):
        assert default in text, default
    # What one needs first comes first.
    assert text.index("--listen") < text.index("--max-connections")


def test_help_of_token_shows_what_it_needs():
    result = run("token", "--help")
    assert result.returncode == 0
    for text in ("--jwt-secret-file", "--sub", "--role", "--ttl", "Seller", "1h"):
        assert text in result.stdout


def test_the_version_is_printed():
    result = run("--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip()[0].isdigit()


# MARK: Options


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], ["nonsense"]),
        (["serve", "--nonsense"], ["--nonsense"]),
        (["serve", "nonsense"], ["nonsense"]),
        (["serve", "--listen"], ["--listen"]),
        (["serve", "--listen", "nowhere"], ["--listen", "host:port", "nowhere"]),
        (["serve", "--listen", ""], ["--listen", "host:port"]),
        (["serve", "--listen", "::1:50051"], ["--listen", "[::1]:port"]),
        (["serve", "--listen", "127.0.0.1:65536"], ["--listen", "host:port"]),
        (["serve", "--listen", "127.0.0.1:-1"], ["--listen", "host:port"]),
        (["serve", "--listen", "unix:"], ["--listen", "unix:/path"]),
        (["serve", "--admin-listen", "unix:/x"], ["--admin-listen", "host:port"]),
        (["serve", "--store", "mysql://x"], ["--store", "sqlite:PATH", "mysql://x"]),
        (["serve", "--store", "sqlite:"], ["--store", "sqlite:PATH"]),
        (["serve", "--event-loops", "0"], ["--event-loops", "1 to 1024"]),
        (["serve", "--event-loops", "many"], ["--event-loops", "1 to 1024", "many"]),
        (["serve", "--event-loops", "9" * 30], ["--event-loops", "1 to 1024"]),
        (["serve", "--max-connections", "1.5"], ["--max-connections", "whole number", "1.5"]),
        (["serve", "--max-connections=-1"], ["--max-connections", "whole number", "-1"]),
        (["serve", "--log-level", "loud"], ["--log-level", "info", "loud"]),
        (["serve", "--log-format", "xml"], ["--log-format", "text or json", "xml"]),
        (["serve", "--config", "/nowhere.yaml"], ["--config", "/nowhere.yaml"]),
        (["serve", "--jwt-secret-file", "/nowhere"], ["--jwt-secret-file", "/nowhere"]),
        (["serve", "--jwt-secret-file", ""], ["--jwt-secret-file"]),
        (["serve", "--jwt-secret-file", "/"], ["--jwt-secret-file", "/"]),
        (["serve", "--jwt-jwks-file", "/nowhere"], ["--jwt-jwks-file", "/nowhere"]),
        (["serve"], ["--jwt-secret-file", "--jwt-jwks-file", "--dev"]),
        (["serve", "--dev", "--listen", "0.0.0.0:50051"], ["--dev", "loopback", "0.0.0.0"]),
        (["serve", "--dev", "--listen", "[::]:50051"], ["--dev", "loopback", "[::]"]),
        (["serve", "--dev", "--listen", "10.0.0.1:1"], ["--dev", "loopback", "10.0.0.1"]),
        (["serve", "--dev", "--listen", "127.0.0.1.example:1"], ["--dev", "loopback"]),
        (["serve", "--dev", "--admin-listen", "0.0.0.0:9464"], ["--dev", "loopback", "9464"]),
        (["serve", "--dev", "--jwt-secret-file", "x"], ["--dev", "--jwt-secret-file"]),
        (["serve", "--listen", "a\nb"], ["--listen"]),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else None,
)
def test_a_bad_option_is_named_with_what_is_expected(arguments, named, tmp_path):
    expect_refusal(run(*arguments, folder=tmp_path), USAGE, *named)
    # Nothing was begun.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "named"),
    [(b"", "0 bytes"), (b"\n", "bytes"), (b"short\n", "5 bytes"), (b"x" * 31, "31 bytes"),
     (b"x" * 2**21, "larger than")],
    ids=["empty", "a line end", "short", "31 bytes", "2 MiB"],
)
@pytest.mark.parametrize("command", ["serve", "check-config", "token"])
def test_a_secret_of_the_wrong_size_is_refused(command, content, named, tmp_path):
    path = tmp_path / "bad-secret"
    path.write_bytes(content)
    more = ["--sub", "10"] if command == "token" else []
    result = run(command, "--jwt-secret-file", path, *more, folder=tmp_path)
    expect_refusal(result, USAGE, "--jwt-secret-file", str(path), named)


RSA = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("{}", "keys"),
        ('{"keys": []}', "no key"),
        ('{"keys": 1}', "keys"),
        ('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "no key"),
        ('{"keys": [{"kty": "RSA", "kid": "k1", "n": "!", "e": "AQAB"}]}', "k1"),
        ('{"keys": [{"kty": "EC", "crv": "P-256", "kid": "k2", "x": "AA", "y": "AA"}]}', "k2"),
        (json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k3", "x": "AA"}]}), "k3"),
    ],
    ids=["empty", "torn", "no keys", "empty keys", "keys no list", "symmetric", "bad RSA",
         "bad EC", "bad OKP"],
)
def test_a_bad_key_set_is_refused(content, named, tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(content, encoding="utf-8")
    expect_refusal(check("--jwt-jwks-file", path), USAGE, "--jwt-jwks-file", str(path), named)


# MARK: The configuration file and the environment


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("colour: blue", ["colour", "unknown"]),
        ("config: other.yaml", ["config", "unknown"]),
        ("1: 2", ["unknown setting 1"]),
        ("listen: [", ["YAML"]),
        ("a: b: c", ["YAML"]),
        ("- listen", ["mapping"]),
        ("listen", ["mapping"]),
        ("log-level: info\nlog-level: debug", ["YAML", "log-level"]),
        ("log-level: info\n---\nlog-level: debug", ["YAML"]),
        ("log-level: [info, debug]", ["log-level", "one value"]),
        ("log-level: {a: b}", ["log-level", "value"]),
        ("log-level:", ["log-level", "info"]),
        ("listen: []", ["listen"]),
        ("listen: [a:1, nowhere]", ["listen", "host:port", "nowhere"]),
        ("max-connections: many", ["max-connections", "whole number", "many"]),
        ("seed: perhaps", ["seed", "true or false", "perhaps"]),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_a_bad_configuration_file_is_named_with_what_is_expected(
        content, named, secret, tmp_path):
    path = tmp_path / "packd.yaml"
    path.write_text(content + "\n", encoding="utf-8")
    result = check("--jwt-secret-file", secret, "--config", path)
    expect_refusal(result, USAGE, str(path), *named)


def test_a_configuration_file_that_is_no_text_is_refused(secret, tmp_path):
    path = tmp_path / "packd.yaml"
    path.write_bytes(b"\xff\xfe\x00listen: x")
    expect_refusal(check("--jwt-secret-file", secret, "--config", path), USAGE, str(path))


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("PACKD_LOG_LEVEL", "loud", ["info", "loud"]),
        ("PACKD_DEV", "perhaps", ["true or false", "perhaps"]),
        ("PACKD_LISTEN", "127.0.0.1:1,nowhere", ["host:port", "nowhere"]),
        ("PACKD_STORE", "mysql:a,b", ["sqlite:PATH", "mysql:a,b"]),
        ("PACKD_MAX_CONNECTIONS", "-5", ["whole number", "-5"]),
        ("PACKD_CONFIG", "/nowhere.yaml", ["/nowhere.yaml"]),
        ("PACKD_JWT_SECRET_FILE", "/nowhere", ["/nowhere"]),
    ],
)
def test_a_bad_environment_variable_is_named(name, value, named, secret):
    options = [] if name == "PACKD_JWT_SECRET_FILE" else ["--jwt-secret-file", secret]
    result = check(*options, environment={name: value})
    shown = [] if name in ("PACKD_CONFIG", "PACKD_JWT_SECRET_FILE") else [name]
    expect_refusal(result, USAGE, *shown, *named)


def test_a_flag_goes_before_the_environment_and_that_before_the_file(secret, tmp_path):
    path = tmp_path / "packd.yaml"

    def complaint(flag=None, variable=None, setting="nine"):
        path.write_text(f"max-connections: {setting}\n", encoding="utf-8")
        options = [] if flag is None else ["--max-connections", flag]
        environment = {} if variable is None else {"PACKD_MAX_CONNECTIONS": variable}
        return check("--jwt-secret-file", secret, "--config", path, *options,
                     environment=environment).stderr

    assert '"one"' in complaint(flag="one", variable="two")
    assert '"two"' in complaint(variable="two")
    assert '"nine"' in complaint()
    # An empty variable is as none.
    assert '"nine"' in complaint(variable="")
    # What is overruled need not be right.
    assert complaint(flag="1", variable="two") == ""
    assert complaint(variable="2") == ""


def test_everything_can_come_from_the_environment_or_the_file(secret, tmp_path):
    for environment, content in (
        ({"PACKD_JWT_SECRET_FILE": str(secret), "PACKD_LISTEN": "127.0.0.1:1, [::1]:2"}, ""),
        ({}, f"jwt-secret-file: {secret}\nlisten: [127.0.0.1:1, unix:/x]\nmax-connections: 5\n"),
    ):
        path = tmp_path / "packd.yaml"
        path.write_text(content, encoding="utf-8")
        result = check(environment={"PACKD_CONFIG": str(path), **environment})
        assert (result.returncode, result.stderr) == (0, ""), result.stderr


# MARK: Tokens


def claims_of(result):
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return jwt.decode(
        result.stdout.strip(), SECRET, algorithms=["HS256"], options={"verify_aud": False})


def test_a_token_says_what_it_was_asked_to(secret):
    claims = claims_of(run(
        "token", "--jwt-secret-file", secret, "--sub", "10", "--role", "Seller", "--role",
        "Support", "--account", "acme", "--ttl", "2m", "--issuer", "me", "--audience", "you"))
    assert claims["sub"] == "10"
    assert claims["roles"] == ["Seller", "Support"]
    assert claims["account"] == "acme"
    assert claims["iss"] == "me"
    assert claims["aud"] == "you"
    assert abs(claims["exp"] - time.time() - 120) < 20


def test_a_token_takes_its_secret_from_the_environment_as_serve_does(secret):
    result = run("token", "--sub", "10", environment={"PACKD_JWT_SECRET_FILE": str(secret)})
    assert claims_of(result)["sub"] == "10"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], ["--sub"]),
        (["--sub", ""], ["--sub"]),
        (["--sub", "a\nb"], ["--sub"]),
        (["--sub", "x" * 300], ["--sub"]),
        (["--sub", "10", "--account", ""], ["--account"]),
        (["--sub", "10", "--role", "Boss"], ["--role", "Admin", "Seller", "Boss"]),
        (["--sub", "10", "--role", "admin"], ["--role", "Admin", "admin"]),
        (["--sub", "10", "--ttl", "1y"], ["--ttl", "s, m, h or d", "1y"]),
        (["--sub", "10", "--ttl", "0s"], ["--ttl"]),
        (["--sub", "10", "--ttl", "-1h"], ["--ttl"]),
        (["--sub", "10", "--ttl", "h"], ["--ttl"]),
        (["--sub", "10", "--ttl", ""], ["--ttl"]),
        (["--sub", "10", "--ttl", "99999999999999999999d"], ["--ttl"]),
        (["--sub", "10", "more"], ["more"]),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_a_token_of_nonsense_is_not_made(arguments, named, secret):
    result = run("token", "--jwt-secret-file", secret, *arguments)
    expect_refusal(result, USAGE, *named)


def test_a_token_needs_a_secret():
    expect_refusal(run("token", "--sub", "10"), USAGE, "--jwt-secret-file")


def test_the_daemon_takes_the_token_that_the_program_makes(own_daemon):
    own_daemon.start()
    result = run(
        "token", "--jwt-secret-file", own_daemon.secret_file, "--sub", "10", "--role", "Admin")
    with own_daemon.channel() as channel:
        assert Catalogue(channel, result.stdout.strip()).GetPlan(code="vps").plan.id
    own_daemon.stop()
