"""packd serve --dev, as a newcomer tries it: what is printed is copied into a shell."""

import json
import os
import subprocess
import time

import pytest
from packd_testing.certificates import Authority
from packd_testing.daemon import REPOSITORY, START_TIMEOUT_SECONDS, find_binary


@pytest.fixture
def start_dev(own_daemon, tmp_path):
    """Starts a daemon for development; gives what it has printed by the time it is ready."""

    def start(*listen, more=()):
        printed = tmp_path / "stdout"
        options = [option for address in listen for option in ("--listen", address)]
        options += map(str, more)
        with printed.open("wb") as stdout, own_daemon.log.open("wb") as stderr:
            own_daemon.process = subprocess.Popen(
                [str(find_binary()), "serve", "--dev", *options, "--store", own_daemon.store,
                 "--admin-listen", f"127.0.0.1:{own_daemon.admin_port}"],
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=tmp_path)
        own_daemon.wait_until_ready()
        # The greeting comes when the probes answer already.
        until = time.monotonic() + START_TIMEOUT_SECONDS
        while "Ctrl-C" not in (text := printed.read_text(encoding="utf-8")):
            assert time.monotonic() < until, f"no greeting in time: {text!r}"
            time.sleep(0.01)
        return text

    return start


def commands_in(text):
    """The lines that are there to be copied: they are set in."""
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


def paste(lines):
    """What a shell in the checkout makes of them."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PACKD_")}
    return subprocess.run(
        ["sh", "-eu"], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=30,
        check=False, cwd=REPOSITORY, env=environment)


def test_the_call_that_it_prints_works_as_it_stands(own_daemon, start_dev):
    text = start_dev(own_daemon.address)
    commands = commands_in(text)
    assert len(commands) == 2, text
    assert commands[0].startswith("export PACKD_TOKEN=")
    result = paste(commands)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["plans"]
    # The token does not stand among the arguments, where others could see it.
    token = commands[0].partition("=")[2]
    assert token not in commands[1]
    own_daemon.stop()
    assert token not in own_daemon.stderr


def test_it_works_on_other_addresses_too(own_daemon, start_dev, tmp_path):
    text = start_dev(f"unix:{tmp_path}/packd.sock", f"[::1]:{own_daemon.port}")
    result = paste(commands_in(text))
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["plans"]
    assert f"[::1]:{own_daemon.port}" in own_daemon.stderr
    own_daemon.stop()


def test_it_works_over_tls_too(own_daemon, start_dev, tmp_path):
    authority = Authority()
    authority.issue().write(tmp_path / "server.pem", tmp_path / "server.key")
    with (tmp_path / "server.pem").open("ab") as chain:
        chain.write(authority.pem)
    options = ["--tls-cert", "server.pem", "--tls-key", "server.key"]
    text = start_dev(own_daemon.address, more=options)
    assert f"--tls-ca '{tmp_path}/server.pem'" in text
    result = paste(commands_in(text))
    assert result.returncode == 0, result.stderr
    own_daemon.stop()
    # The way in plaintext is shown when there is one.
    text = start_dev(own_daemon.address, f"unix:{tmp_path}/packd.sock", more=options)
    assert "--tls-ca" not in text
    assert paste(commands_in(text)).returncode == 0
    own_daemon.stop()


def test_any_free_port_is_named(own_daemon, start_dev):
    text = start_dev("127.0.0.1:0")
    assert "127.0.0.1:0" not in text
    assert paste(commands_in(text)).returncode == 0
    own_daemon.stop()


def test_each_run_has_a_secret_of_its_own(own_daemon, start_dev):
    first = commands_in(start_dev(own_daemon.address))
    own_daemon.stop()
    second = commands_in(start_dev(own_daemon.address))
    result = paste([first[0], second[1]])
    assert result.returncode == 1
    assert result.stderr.startswith("UNAUTHENTICATED")
    own_daemon.stop()
