"""Signals, and what the service manager is told."""

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import grpc
import pytest
from packd_testing.plans import Catalogue
from packd_testing.signing import SigningKey, key_set
from packd_testing.waiting import wait_for, wait_for_log

sys.path.insert(0, str(Path(__file__).with_name("wire")))
from connection import GET_VPS, Connection  # noqa: E402

# How often the daemon looks whether the key set's file has changed.
KEY_SET_INTERVAL_SECONDS = 5


def probe(daemon, path):
    try:
        url = f"http://127.0.0.1:{daemon.admin_port}{path}"
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


# MARK: The end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_call_is_answered_before_the_end(own_daemon, number):
    own_daemon.start()
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
        stream = connection.start()
        connection.send_body(stream, GET_VPS[:3], end_stream=False)
        connection.call()
        own_daemon.process.send_signal(number)
        wait_for(lambda: probe(own_daemon, "/readyz") == 503)
        assert probe(own_daemon, "/livez") == 200
        # It waits for the call, and takes no new connections.
        time.sleep(0.3)
        assert own_daemon.process.poll() is None
        with pytest.raises(OSError):
            Connection(own_daemon.port).close()
        connection.send_body(stream, GET_VPS[3:])
        reply = connection.receive(stream)
        assert reply.grpc_status == 0, reply
        assert connection.drains > 0
        began = time.monotonic()
        assert own_daemon.wait(5) == 0, own_daemon.tail()
        assert time.monotonic() - began < 2.5


def test_idle_connections_are_closed_at_once(own_daemon):
    own_daemon.start()
    connections = [Connection(own_daemon.port) for _ in range(50)]
    for connection in connections:
        assert connection.call().grpc_status == 0
    busy = connections.pop()
    stream = busy.start()
    busy.send_body(stream, GET_VPS[:3], end_stream=False)
    own_daemon.terminate()
    for connection in connections:
        reply = connection.replies[1]
        until = time.monotonic() + 3
        while not reply.closed:
            assert time.monotonic() < until, "an idle connection is still open"
            # Acknowledges the PING that stands between the two GOAWAYs, too.
            connection.pump()
        assert connection.drains == 2
        connection.close()
    # All the while, a call keeps its own connection open.
    busy.send_body(stream, GET_VPS[3:])
    assert busy.receive(stream).grpc_status == 0
    busy.close()
    assert own_daemon.wait(5) == 0


def test_a_client_that_never_answers_holds_it_up_no_longer_than_the_grace(own_daemon):
    own_daemon.options = ["--drain-grace-seconds", "1"]
    own_daemon.start()
    with Connection(own_daemon.port) as connection:
        stream = connection.start()
        connection.send_body(stream, GET_VPS[:3], end_stream=False)
        connection.call()
        began = time.monotonic()
        own_daemon.terminate()
        assert own_daemon.wait(5) == 0
        assert 0.9 < time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("first", "second"),
    [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT),
     (signal.SIGTERM, signal.SIGINT)])
def test_a_second_signal_ends_it_at_once(own_daemon, first, second):
    own_daemon.start()
    with Connection(own_daemon.port) as connection:
        stream = connection.start()
        connection.send_body(stream, GET_VPS[:3], end_stream=False)
        connection.call()
        own_daemon.process.send_signal(first)
        wait_for(lambda: probe(own_daemon, "/readyz") == 503)
        own_daemon.process.send_signal(second)
        began = time.monotonic()
        assert own_daemon.wait(5) == 1
        assert time.monotonic() - began < 1
    # Its store is none the worse for it.
    own_daemon.start()
    own_daemon.stop()


def test_a_signal_while_it_starts_is_not_lost(own_daemon):
    for delay in (0.0, 0.005, 0.01, 0.02, 0.04, 0.08):
        own_daemon.launch()
        time.sleep(delay)
        own_daemon.terminate()
        # Before it has begun to listen for signals, the signal ends it as it ends any process.
        assert own_daemon.wait(5) in (0, -signal.SIGTERM)
    own_daemon.start()
    own_daemon.stop()


# MARK: Keys


@pytest.fixture(scope="module")
def keys():
    return SigningKey("first", 1), SigningKey("second", 2)


@pytest.fixture
def key_file(own_daemon, keys, tmp_path):
    """The file of the key set, with the first key in it, that the daemon is started with."""
    path = tmp_path / "jwks.json"
    path.write_text(key_set(keys[0]), encoding="utf-8")
    own_daemon.options = ["--jwt-jwks-file", path]
    own_daemon.start()
    return path


def accepts(daemon, key):
    with daemon.channel() as channel:
        try:
            Catalogue(channel, key.token()).GetPlan(code="vps")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAUTHENTICATED
            return False
        return True


def test_sighup_reads_the_key_set_anew(own_daemon, keys, key_file):
    first, second = keys
    assert accepts(own_daemon, first)
    assert not accepts(own_daemon, second)
    key_file.write_text(key_set(second), encoding="utf-8")
    # Far from the moment at which the daemon would look by itself.
    own_daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: accepts(own_daemon, second), 2)
    # A token that was verified before must pass the new keys as well.
    assert not accepts(own_daemon, first)
    wait_for_log(own_daemon, "read anew")
    own_daemon.stop()


def test_a_key_set_that_is_replaced_is_noticed(own_daemon, keys, key_file, tmp_path):
    first, second = keys
    replacement = tmp_path / "next.json"
    replacement.write_text(key_set(first, second), encoding="utf-8")
    replacement.rename(key_file)
    wait_for(lambda: accepts(own_daemon, second), KEY_SET_INTERVAL_SECONDS + 2)
    assert accepts(own_daemon, first)
    own_daemon.stop()


@pytest.mark.parametrize("content", ["{", '{"keys": []}', None], ids=["torn", "empty", "gone"])
def test_a_broken_key_set_changes_nothing_but_the_log(own_daemon, keys, key_file, content):
    first, second = keys
    if content is None:
        key_file.unlink()
    else:
        key_file.write_text(content, encoding="utf-8")
    own_daemon.process.send_signal(signal.SIGHUP)
    line = wait_for_log(own_daemon, "stays as it was")
    assert '"level":"error"' in line
    assert accepts(own_daemon, first)
    # And it is well again with the next good one.
    key_file.write_text(key_set(second), encoding="utf-8")
    own_daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: accepts(own_daemon, second), 2)
    own_daemon.stop()


def test_sighup_without_a_key_set_is_harmless(own_daemon):
    own_daemon.start()
    for _ in range(20):
        own_daemon.process.send_signal(signal.SIGHUP)
    with own_daemon.channel() as channel:
        assert Catalogue(channel).GetPlan(code="vps")
    own_daemon.stop()


def messages(daemon):
    return [json.loads(line)["message"] for line in daemon.stderr.splitlines()]


def test_sighup_says_what_it_had_nothing_to_read_for(own_daemon):
    own_daemon.start()
    own_daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "log level and limits" in own_daemon.stderr)
    line = json.loads(own_daemon.stderr.splitlines()[-1])
    assert line["level"] == "notice"
    assert line["message"] == (
        "log level and limits stay as they were: there is no configuration file to read")
    own_daemon.stop()


def test_sighup_says_that_files_were_looked_at(own_daemon, keys, key_file):
    own_daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "the JSON Web Key Set has not changed" in messages(own_daemon))
    # By itself it looks without a word.
    time.sleep(KEY_SET_INTERVAL_SECONDS + 1)
    assert messages(own_daemon).count("the JSON Web Key Set has not changed") == 1
    own_daemon.stop()


# MARK: Log level and limits


@pytest.fixture
def settings(own_daemon, tmp_path):
    """Writes the configuration file of a daemon that is started with it."""
    path = tmp_path / "packd.yaml"

    def write(text):
        path.write_text(text, encoding="utf-8")

    write("")
    own_daemon.options = ["--config", path]
    own_daemon.start()
    return write


def logged_calls(daemon):
    return daemon.stderr.count('"message":"call"')


def call_once(daemon):
    with Connection(daemon.port) as connection:
        return connection.call().grpc_status


def reload(daemon):
    """Returns when the daemon has read its settings anew, or has said why it cannot."""
    before = daemon.stderr.count("log level and limits")
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: daemon.stderr.count("log level and limits") > before)


def test_sighup_reads_the_log_level_anew(own_daemon, settings):
    assert call_once(own_daemon) == 0
    wait_for(lambda: logged_calls(own_daemon) == 1)
    settings("log-level: notice\n")
    reload(own_daemon)
    assert call_once(own_daemon) == 0
    settings("log-level: info\n")
    reload(own_daemon)
    assert call_once(own_daemon) == 0
    wait_for(lambda: logged_calls(own_daemon) > 1)
    own_daemon.stop()
    assert logged_calls(own_daemon) == 2


def test_sighup_reads_the_limits_anew_for_new_connections(own_daemon, settings):
    with Connection(own_daemon.port) as before:
        assert before.call().grpc_status == 0
        settings("max-header-list-bytes: 1024\nmax-receive-message-bytes: 3\n")
        reload(own_daemon)
        with Connection(own_daemon.port) as after:
            long = [("x-long", "y" * 2000)]
            resource_exhausted = 8
            assert after.call(extra=long).grpc_status == resource_exhausted
            assert after.call().grpc_status == resource_exhausted
        # What is there goes on as it was.
        assert before.call(extra=long).grpc_status == 0
    own_daemon.stop()


def test_settings_that_are_not_valid_change_nothing_but_the_log(own_daemon, settings):
    settings("log-level: notice\nmax-connections: none\n")
    reload(own_daemon)
    assert call_once(own_daemon) == 0
    wait_for(lambda: logged_calls(own_daemon) == 1)
    line = next(line for line in own_daemon.stderr.splitlines() if "stay as they were" in line)
    assert '"level":"error"' in line
    assert "max-connections" in line
    own_daemon.stop()


# MARK: The service manager


class ServiceManager:
    """The socket that a service manager listens on."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)

    def receive(self, seconds=3):
        self.socket.settimeout(seconds)
        return self.socket.recv(4096).decode("utf-8").split("\n")

    def hears_nothing(self, seconds):
        try:
            return not self.receive(seconds)
        except TimeoutError:
            return True


@pytest.fixture(params=["a file", "an abstract name"])
def manager(request, tmp_path):
    if request.param == "a file":
        name = address = str(tmp_path / "notify")
    else:
        name = f"@packd-test-{os.getpid()}-{time.monotonic_ns()}"
        address = "\0" + name[1:]
    one = ServiceManager(address)
    one.name = name
    yield one
    one.socket.close()


def test_the_service_manager_is_told_of_start_reload_and_end(own_daemon, manager):
    own_daemon.environment = {"NOTIFY_SOCKET": manager.name}
    own_daemon.start()
    assert manager.receive() == ["READY=1"]
    before = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
    own_daemon.process.send_signal(signal.SIGHUP)
    reloading, clock = manager.receive()
    after = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
    assert reloading == "RELOADING=1"
    assert before - 1 <= int(clock.removeprefix("MONOTONIC_USEC=")) <= after
    assert manager.receive() == ["READY=1"]
    own_daemon.terminate()
    assert manager.receive() == ["STOPPING=1"]
    assert own_daemon.wait() == 0


def test_it_is_not_ready_before_it_listens(own_daemon, manager):
    own_daemon.environment = {"NOTIFY_SOCKET": manager.name}
    own_daemon.launch()
    assert manager.receive() == ["READY=1"]
    with Connection(own_daemon.port) as connection:
        assert connection.call().grpc_status == 0
    own_daemon.stop()


def test_the_watchdog_is_fed(own_daemon, manager):
    own_daemon.environment = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "300000"}
    own_daemon.start()
    assert manager.receive() == ["READY=1"]
    for _ in range(3):
        began = time.monotonic()
        assert manager.receive(1) == ["WATCHDOG=1"]
        assert time.monotonic() - began < 0.3
    own_daemon.stop()


@pytest.mark.parametrize(
    "environment",
    [{"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "-5"}, {"WATCHDOG_USEC": "soon"},
     {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": ""}],
    ids=str)
def test_a_watchdog_that_is_not_for_it_is_not_fed(own_daemon, manager, environment):
    own_daemon.environment = {"NOTIFY_SOCKET": manager.name, **environment}
    own_daemon.start()
    assert manager.receive() == ["READY=1"]
    used = own_daemon.cpu_seconds()
    assert manager.hears_nothing(0.5)
    assert own_daemon.cpu_seconds() - used < 0.2
    own_daemon.stop()


@pytest.mark.parametrize(
    "name", ["", "nowhere", "/nowhere/notify", "/" + "x" * 200, "@"], ids=lambda name: name[:20])
def test_a_service_manager_that_is_not_there_is_no_trouble(own_daemon, name):
    own_daemon.environment = {"NOTIFY_SOCKET": name}
    own_daemon.start()
    own_daemon.stop()


def test_a_service_manager_that_does_not_listen_holds_nothing_up(own_daemon, tmp_path):
    manager = ServiceManager(str(tmp_path / "notify"))
    own_daemon.environment = {
        "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000"}
    own_daemon.start()
    # More than the socket's queue takes.
    time.sleep(0.5)
    own_daemon.stop(within=5)
    manager.socket.close()
