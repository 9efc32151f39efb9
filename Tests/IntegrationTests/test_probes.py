"""The probes of an orchestrator: /livez and /readyz over HTTP/1.1."""

import http.client
import random
import socket
import sys
import time
from pathlib import Path

import pytest
from packd_testing.waiting import wait_for

sys.path.insert(0, str(Path(__file__).with_name("wire")))
from connection import GET_VPS, Connection, is_open  # noqa: E402

SEED = 11
TIMEOUT_SECONDS = 5


def dial(daemon):
    return socket.create_connection(("127.0.0.1", daemon.admin_port), timeout=TIMEOUT_SECONDS)


@pytest.fixture
def client(daemon):
    one = http.client.HTTPConnection("127.0.0.1", daemon.admin_port, timeout=TIMEOUT_SECONDS)
    yield one
    one.close()


@pytest.fixture(autouse=True)
def alive(request):
    """Whatever a test does, the daemon answers afterwards."""
    yield
    if "daemon" in request.fixturenames:
        assert request.getfixturevalue("daemon").is_ready()


def ask(client, method, path, **options):
    client.request(method, path, **options)
    answer = client.getresponse()
    return answer.status, answer.read(), dict(answer.getheaders())


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/livez?verbose=1"])
def test_a_daemon_that_serves_is_well(client, path):
    status, body, headers = ask(client, "GET", path)
    assert (status, body) == (200, b"ok\n")
    assert headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/", "/healthz", "/livez/", "/LIVEZ", "/livezz", "//", "/%2e"])
def test_any_other_path_is_not_found(client, path):
    status, body, _ = ask(client, "GET", path)
    assert status == 404
    assert b"/livez" in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_any_other_method_is_not_allowed(client, method):
    status, _, headers = ask(client, method, "/livez", body=b"x" * 10_000)
    assert status == 405
    # RFC 9110, section 15.5.6.
    assert headers["allow"] == "GET, HEAD"


def test_head_is_answered_without_a_body(client):
    for path, expected in (("/livez", 200), ("/nowhere", 404)):
        status, body, headers = ask(client, "HEAD", path)
        assert (status, body) == (expected, b"")
        assert int(headers["content-length"]) > 0


def test_a_connection_serves_many_requests(client):
    client.connect()
    own = client.sock
    for _ in range(50):
        assert ask(client, "GET", "/readyz")[0] == 200
        assert client.sock is own


def test_requests_may_come_all_at_once(daemon):
    with dial(daemon) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n" * 20
                       + b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answers = b""
        while chunk := client.recv(65536):
            answers += chunk
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 21


@pytest.mark.parametrize(
    "request_line", [b"GET /livez HTTP/1.0\r\n\r\n",
                     b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"],
    ids=["HTTP/1.0", "connection: close"])
def test_a_connection_is_closed_on_request(daemon, request_line):
    with dial(daemon) as client:
        client.sendall(request_line)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    assert b" 200 OK\r\n" in answer
    assert answer.endswith(b"ok\n")


GARBAGE = {
    "zeros": b"\x00" * 100,
    "no HTTP": b"hello\r\n\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "a bad header": b"GET /livez HTTP/1.1\r\nno colon\r\n\r\n",
    "a bad length": b"GET /livez HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    "two lengths":
        b"GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    "a bad chunk": b"POST /livez HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "a long header": b"GET /livez HTTP/1.1\r\nx: " + b"y" * 200_000 + b"\r\n\r\n",
    "a long path": b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\n\r\n",
    "a bad path": b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
}


@pytest.mark.parametrize("case", GARBAGE)
def test_garbage_is_refused(daemon, case):
    with dial(daemon) as client:
        try:
            client.sendall(GARBAGE[case])
            client.shutdown(socket.SHUT_WR)
            answer = client.recv(65536)
        except TimeoutError:
            raise
        except OSError:
            # Closed before all of it was sent.
            answer = b""
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer


def test_random_bytes_are_survived(daemon):
    choose = random.Random(SEED)
    for _ in range(200):
        with dial(daemon) as client:
            start = choose.choice([b"", b"GET /livez HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nhost: "])
            try:
                client.sendall(start + choose.randbytes(choose.randrange(1, 500)))
            except ConnectionError:
                pass


def test_endless_headers_are_bounded(daemon):
    first = daemon.resident_bytes()
    with dial(daemon) as client:
        client.settimeout(0.5)
        try:
            client.sendall(b"GET /livez HTTP/1.1\r\n")
            for _ in range(500):
                client.sendall(b"x-header: " + b"y" * 100_000 + b"\r\n")
        except OSError:
            pass
    assert daemon.resident_bytes() - first < 16 * 2**20


def test_an_endless_body_is_not_kept(daemon):
    first = daemon.resident_bytes()
    with dial(daemon) as client:
        client.settimeout(0.5)
        client.sendall(
            b"POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n")
        try:
            for _ in range(1000):
                client.sendall(b"y" * 100_000)
        except OSError:
            pass
    assert daemon.resident_bytes() - first < 16 * 2**20


def test_slow_clients_hold_nobody_up(daemon):
    slow = [dial(daemon) for _ in range(200)]
    for client in slow:
        client.sendall(b"GET /li")
    began = time.monotonic()
    assert daemon.is_ready()
    assert time.monotonic() - began < 1
    for client in slow[::2]:
        client.sendall(b"vez HTTP/1.1\r\nhost: x\r\n\r\n")
    for client in slow[::2]:
        assert b" 200 OK\r\n" in client.recv(65536)
    for client in slow:
        client.close()


def test_a_probe_comes_through_however_many_wait(daemon):
    slow = [dial(daemon) for _ in range(300)]
    assert daemon.is_ready()
    # The oldest made way.
    assert not is_open(slow[0])
    assert is_open(slow[-1])
    for client in slow:
        client.close()


def test_a_client_that_reads_nothing_is_bounded(daemon):
    first = daemon.resident_bytes()
    with dial(daemon) as client:
        client.settimeout(0.3)
        try:
            for _ in range(2000):
                client.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n" * 500)
        except OSError:
            pass
        assert daemon.resident_bytes() - first < 32 * 2**20


def test_a_draining_daemon_is_alive_but_not_ready(own_daemon):
    own_daemon.start()
    kept = http.client.HTTPConnection("127.0.0.1", own_daemon.admin_port, timeout=5)
    assert ask(kept, "GET", "/readyz")[0] == 200
    with Connection(own_daemon.port) as connection:
        stream = connection.start()
        connection.send_body(stream, GET_VPS[:3], end_stream=False)
        connection.call()
        own_daemon.terminate()
        wait_for(lambda: ask(kept, "GET", "/readyz")[:2] == (503, b"not serving\n"))
        assert ask(kept, "GET", "/livez")[0] == 200
        assert not own_daemon.is_ready()
        connection.send_body(stream, GET_VPS[3:])
        assert connection.receive(stream).grpc_status == 0
    # A probe that is kept open does not hold up the end.
    assert own_daemon.wait(5) == 0
    assert not is_open(kept.sock)
    kept.close()
