"""Sockets that a service manager has opened, as systemd passes them on (sd_listen_fds(3))."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import grpc
import pytest
from packd_testing.certificates import Authority, secure_channel
from packd_testing.daemon import CHANNEL_OPTIONS, find_binary, free_port
from packd_testing.plans import Catalogue
from packd_testing.program import expect_refusal, run
from packd_testing.tokens import SECRET
from packd_testing.waiting import wait_for_log

USAGE = 64

# Stands in for the manager's child: puts the sockets where they belong, says how many they are
# and for whom, and becomes the daemon.
LAUNCHER = """
import fcntl, os, sys
names, arguments = sys.argv[1], sys.argv[2:]
passed = [int(text) for text in os.environ["PASSED"].split(",")]
# Out of the way first: one may stand where another is to go.
moved = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100) for descriptor in passed]
for place, descriptor in enumerate(moved, 3):
    os.dup2(descriptor, place)
    os.set_inheritable(place, True)
    os.close(descriptor)
os.environ["LISTEN_FDS"] = str(len(moved))
os.environ["LISTEN_PID"] = str(os.getpid())
if names:
    os.environ["LISTEN_FDNAMES"] = names
os.execv(arguments[0], arguments)
"""


def listen_tcp():
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", free_port()))
    one.listen()
    return one


def listen_unix(path):
    one = socket.socket(socket.AF_UNIX)
    one.bind(str(path))
    one.listen()
    return one


def address(listener):
    name = listener.getsockname()
    return f"unix:{name}" if isinstance(name, str) else f"{name[0]}:{name[1]}"


@pytest.fixture
def activate(own_daemon, tmp_path):
    """Starts the daemon with these sockets; waits until a probe of its own says that it is
    ready."""
    def start(sockets, names="", *options, admin=True):
        own = ["--admin-listen", f"127.0.0.1:{own_daemon.admin_port}"] if admin else []
        passed = [listener.fileno() for listener in sockets]
        with own_daemon.log.open("ab") as log:
            own_daemon.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCHER, names, find_binary(), "serve", "--store",
                 "memory:", "--jwt-secret-file", own_daemon.secret_file, *own, *map(str, options)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, cwd=tmp_path,
                pass_fds=passed, env={**os.environ, "PASSED": ",".join(map(str, passed))})
        own_daemon.wait_until_ready()
        return own_daemon

    return start


def serves(target):
    with grpc.insecure_channel(target, options=CHANNEL_OPTIONS) as channel:
        return Catalogue(channel).GetPlan(code="vps").plan.code == "vps"


def test_calls_are_served_on_the_sockets_that_were_passed_on(activate, tmp_path):
    listeners = [listen_tcp(), listen_unix(tmp_path / "packd.sock")]
    daemon = activate(listeners)
    for listener in listeners:
        assert serves(address(listener))
        wait_for_log(daemon, address(listener))
    # In the place of the default address.
    assert "127.0.0.1:50051" not in daemon.stderr
    daemon.stop()
    for listener in listeners:
        listener.close()


def test_they_add_to_those_that_are_set(activate):
    listener, port = listen_tcp(), free_port()
    activate([listener], "", "--listen", f"127.0.0.1:{port}")
    assert serves(address(listener))
    assert serves(f"127.0.0.1:{port}")
    listener.close()


def test_a_call_that_came_before_the_daemon_is_served(activate):
    listener = listen_tcp()
    with grpc.insecure_channel(address(listener), options=CHANNEL_OPTIONS) as channel:
        call = channel.unary_unary("/packd.v1.CatalogueService/GetPlan").future(
            b"\x12\x03vps", timeout=10, metadata=Catalogue(channel).metadata)
        time.sleep(0.3)
        activate([listener])
        assert call.result()
    listener.close()


def test_the_managers_socket_outlives_the_daemon(activate, tmp_path):
    path = tmp_path / "packd.sock"
    listener = listen_unix(path)
    activate([listener]).stop()
    # It is the manager's file, and waits for the next daemon.
    assert path.is_socket()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
    activate([listener])
    assert serves(f"unix:{path}")
    listener.close()


def test_a_socket_named_admin_is_for_the_probes(activate, own_daemon):
    calls, probes = listen_tcp(), listen_tcp()
    own_daemon.admin_port = probes.getsockname()[1]
    activate([probes, calls], "admin:grpc", admin=False)
    url = f"http://{address(probes)}/livez"
    with urllib.request.urlopen(url, timeout=2) as response:
        assert response.status == 200
    assert serves(address(calls))
    for listener in (calls, probes):
        listener.close()


def test_tls_is_served_but_where_the_name_is_plaintext(activate, tmp_path):
    authority = Authority()
    authority.issue().write(tmp_path / "cert.pem", tmp_path / "cert.key")
    sealed, plain, local = listen_tcp(), listen_tcp(), listen_unix(tmp_path / "packd.sock")
    activate([sealed, plain, local], "grpc:plaintext:local",
             "--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "cert.key")
    with secure_channel(address(sealed), authority) as channel:
        assert Catalogue(channel).GetPlan(code="vps")
    assert serves(address(plain))
    assert serves(address(local))
    for listener in (sealed, plain, local):
        listener.close()


def test_the_daemon_keeps_its_sockets_to_itself(activate):
    listener = listen_tcp()
    daemon = activate([listener])
    flags = open(f"/proc/{daemon.process.pid}/fdinfo/3", encoding="ascii").read()
    line = next(line for line in flags.splitlines() if line.startswith("flags:"))
    assert int(line.split()[1], 8) & os.O_CLOEXEC
    assert int(line.split()[1], 8) & os.O_NONBLOCK
    listener.close()


def test_a_reload_leaves_them_as_they_are(activate):
    listener = listen_tcp()
    daemon = activate([listener])
    daemon.process.send_signal(signal.SIGHUP)
    wait_for_log(daemon, "log level and limits")
    assert serves(address(listener))
    listener.close()


def test_a_drain_leaves_new_connections_to_the_next_daemon(activate):
    listener = listen_tcp()
    daemon = activate([listener])
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.wait(5) == 0
    client = socket.create_connection(listener.getsockname(), 2)
    activate([listener])
    assert serves(address(listener))
    client.close()
    listener.close()


@pytest.fixture
def start(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")

    def start(environment, **options):
        return run("check-config", "--jwt-secret-file", secret, environment=environment, **options)

    return start


def test_sockets_for_another_process_are_not_taken(start):
    result = start({"LISTEN_FDS": "2", "LISTEN_PID": "1"})
    assert (result.returncode, result.stderr) == (0, "")


def checked(tmp_path, sockets, names=""):
    """check-config with descriptors that are passed on."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    passed = [one.fileno() for one in sockets]
    return subprocess.run(
        [sys.executable, "-c", LAUNCHER, names, find_binary(), "check-config",
         "--jwt-secret-file", secret], capture_output=True, text=True, timeout=10, check=False,
        pass_fds=passed, env={**os.environ, "PASSED": ",".join(map(str, passed))})


def datagram():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    return one


def not_listening():
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one


@pytest.mark.parametrize("make", [datagram, not_listening, lambda: open("/dev/null", "rb")],
                         ids=["a datagram socket", "one that does not listen", "a file"])
def test_what_cannot_be_listened_on_is_refused(tmp_path, make):
    with make() as one, listen_tcp() as good:
        expect_refusal(
            checked(tmp_path, [good, one]), USAGE, "LISTEN_FDS", "descriptor 4", "listening")


def test_names_that_do_not_match_are_refused(tmp_path):
    with listen_tcp() as one:
        expect_refusal(checked(tmp_path, [one], "a:b"), USAGE, "LISTEN_FDNAMES", "1 names")
