"""TLS and mutual TLS, through an official client and through Python's ssl."""

import datetime
import json
import signal
import socket
import ssl
import struct
import sys
import threading
import time
from pathlib import Path

import grpc
import h2.settings
import pytest
from cryptography import x509
from packd_testing.certificates import Authority, client_context, secure_channel
from packd_testing.daemon import free_port
from packd_testing.errors import refused
from packd_testing.plans import METHODS, SERVICE, Catalogue, make_plan
from packd_testing.program import expect_refusal, run
from packd_testing.tokens import SECRET
from packd_testing.waiting import wait_for, wait_for_log

sys.path.insert(0, str(Path(__file__).with_name("wire")))
from connection import GET_VPS, Connection, message  # noqa: E402

USAGE = 64
TIMEOUT_SECONDS = 5
# How often the daemon looks whether the files have changed.
FILE_INTERVAL_SECONDS = 5
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def client_authority():
    return Authority("packd clients")


class Files:
    """The files that the daemon of a test is started with."""

    def __init__(self, folder, authority, client_authority):
        self.certificate = folder / "server.pem"
        self.key = folder / "server.key"
        self.client_roots = folder / "clients.pem"
        self.served = authority.issue()
        self.served.write(self.certificate, self.key)
        self.client_roots.write_bytes(client_authority.pem)

    @property
    def options(self):
        return ["--tls-cert", self.certificate, "--tls-key", self.key]

    @property
    def mutual_options(self):
        return [*self.options, "--tls-client-ca", self.client_roots]


@pytest.fixture
def files(tmp_path, authority, client_authority):
    return Files(tmp_path, authority, client_authority)


@pytest.fixture
def start(own_daemon):
    def start(*options):
        own_daemon.options = options
        own_daemon.start()
        return own_daemon

    return start


def dial(daemon, context):
    raw = socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS)
    try:
        return context.wrap_socket(raw, server_hostname="127.0.0.1")
    except BaseException:
        raw.close()
        raise


class SealedConnection(Connection):
    """One HTTP/2 connection over TLS."""

    def __init__(self, port, context, window_bytes=65_535):
        super().__init__(port, preface=False)
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.h2.local_settings = h2.settings.Settings(initial_values={
            h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window_bytes})
        self.h2.initiate_connection()
        if window_bytes > 65_535:
            self.h2.increment_flow_control_window(window_bytes - 65_535)
        self.flush()


def served_serial(daemon, context):
    """The serial number of the certificate that a new connection is shown."""
    with dial(daemon, context) as client:
        return x509.load_der_x509_certificate(client.getpeercert(binary_form=True)).serial_number


def read_until_closed(client):
    data = b""
    try:
        while chunk := client.recv(65536):
            data += chunk
    except (ConnectionError, ssl.SSLError):
        pass
    return data


def is_closed(client):
    """Whether the daemon has closed a connection, whatever is still to be read of it."""
    try:
        client.settimeout(0.2)
        while client.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except (ConnectionError, ssl.SSLError):
        pass
    return True


def refusals(daemon):
    """Why connections were refused, as the log has it."""
    lines = [json.loads(line) for line in daemon.stderr.splitlines()]
    return [
        line["detail"] for line in lines
        if line["message"] == "connection closed"
        and line["reason"] in ("tls_refused", "handshake_timeout")]


# MARK: TLS


def test_an_official_client_calls_over_tls(start, files, authority):
    daemon = start(*files.options)
    with secure_channel(daemon.address, authority) as channel:
        admin = Catalogue(channel)
        plan = admin.CreatePlan(plan=make_plan("Sealed")).plan
        assert admin.GetPlan(id=plan.id).plan == plan
        # Answers of many TLS records.
        for number in range(100):
            admin.CreatePlan(plan=make_plan(f"Long {number}", description="d" * 2000))
        assert len(admin.all_pages(page_size=1000)) > 100
    daemon.stop()
    assert refusals(daemon) == []


@pytest.mark.parametrize(
    ("version", "suite"),
    [(ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"),
     (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384"),
     (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305"),
     (ssl.TLSVersion.TLSv1_3, None)], ids=str)
def test_tls_12_and_13_are_served(start, files, authority, tmp_path, version, suite):
    daemon = start(*files.options)
    context = client_context(authority, tmp_path)
    context.minimum_version = context.maximum_version = version
    if suite:
        context.set_ciphers(suite)
    with dial(daemon, context) as client:
        assert client.selected_alpn_protocol() == "h2"
        assert suite is None or client.cipher()[0] == suite
        client.sendall(PREFACE)
        # SETTINGS first.
        assert client.recv(9)[3] == 4


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=str)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_older_tls_is_refused(start, files, authority, tmp_path, version):
    daemon = start(*files.options)
    context = client_context(authority, tmp_path)
    # What today's OpenSSL does not offer by itself any more.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError, match="(?i)protocol version"):
        dial(daemon, context)
    wait_for(lambda: refusals(daemon))
    assert refusals(daemon) == ["the TLS handshake failed: unsupported protocol"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"])
def test_a_weak_cipher_suite_is_refused(start, files, authority, tmp_path, suite):
    daemon = start(*files.options)
    context = client_context(authority, tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite + ":@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        dial(daemon, context)
    wait_for(lambda: refusals(daemon))
    assert refusals(daemon) == ["the TLS handshake failed: no shared cipher"]


@pytest.mark.parametrize(
    ("alpn", "has"), [((), "nothing"), (("http/1.1",), "nothing")], ids=["none", "http/1.1"])
def test_a_client_without_alpn_h2_is_closed(start, files, authority, tmp_path, alpn, has):
    daemon = start(*files.options)
    with dial(daemon, client_context(authority, tmp_path, alpn=alpn)) as client:
        assert client.selected_alpn_protocol() is None
        client.sendall(PREFACE)
        began = time.monotonic()
        assert read_until_closed(client) == b""
        assert time.monotonic() - began < 2
    wait_for(lambda: refusals(daemon))
    assert refusals(daemon) == [f"ALPN did not agree on h2, which gRPC takes; it has {has}"]


def test_h2_is_taken_from_among_several(start, files, authority, tmp_path):
    daemon = start(*files.options)
    context = client_context(authority, tmp_path, alpn=("http/1.1", "grpc-exp", "h2"))
    with dial(daemon, context) as client:
        assert client.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize(
    "data", [PREFACE, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", bytes(100), b"\x16\x03\x01\xff\xff" * 99],
    ids=["plaintext HTTP/2", "HTTP/1.1", "zeros", "garbage"])
def test_what_is_no_tls_is_refused(start, files, data):
    daemon = start(*files.options)
    with socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS) as client:
        client.sendall(data)
        read_until_closed(client)
    wait_for(lambda: refusals(daemon))
    assert len(refusals(daemon)) == 1
    assert daemon.is_ready()


def test_who_only_looks_whether_the_port_is_open_is_no_news(start, files):
    daemon = start(*files.options)
    for _ in range(20):
        socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS).close()
        with socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS) as client:
            # Closing is a reset then.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"\x16\x03\x01")
    daemon.stop()
    assert refusals(daemon) == []


def hello(authority, folder):
    """The first bytes of a client's handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context(authority, folder).wrap_bio(
        incoming, outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def test_a_handshake_that_dribbles_is_closed_in_time(start, files, authority, tmp_path):
    daemon = start(*files.options, "--handshake-timeout-seconds", "1")
    silent = socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS) as client:
        client.settimeout(0.05)
        closed = False
        for byte in hello(authority, tmp_path):
            try:
                client.sendall(bytes([byte]))
                closed = client.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
            if closed:
                break
    assert closed
    assert 0.9 < time.monotonic() - began < 2
    with silent:
        assert read_until_closed(silent) == b""
    assert time.monotonic() - began < 2
    wait_for(lambda: len(refusals(daemon)) == 2)
    assert refusals(daemon) == ["the TLS handshake took too long"] * 2


def test_http2_must_follow_tls_within_the_same_time(start, files, authority, tmp_path):
    daemon = start(*files.options, "--handshake-timeout-seconds", "2")
    raw = socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS)
    began = time.monotonic()
    time.sleep(1)
    context = client_context(authority, tmp_path)
    with context.wrap_socket(raw, server_hostname="127.0.0.1") as client:
        # Never acknowledges the SETTINGS; says nothing at all.
        read_until_closed(client)
        assert 1.9 < time.monotonic() - began < 3


def test_records_may_be_cut_anywhere(start, files, authority, tmp_path):
    daemon = start(*files.options)

    class Cut(SealedConnection):
        def send(self, data):
            # Each write is a record.
            return all(
                super(SealedConnection, self).send(data[at:at + 1]) for at in range(len(data)))

    with Cut(daemon.port, client_context(authority, tmp_path)) as connection:
        assert connection.call(GET_VPS).grpc_status == 0


def test_a_client_that_reads_nothing_is_bounded_and_closed(start, files, authority, tmp_path):
    daemon = start(*files.options, "--output-stall-timeout-seconds", "1")
    with secure_channel(daemon.address, authority) as channel:
        admin = Catalogue(channel)
        for number in range(100):
            admin.CreatePlan(plan=make_plan(f"Long {number}", description="d" * 2000))
    request = message(METHODS["ListPlans"][0](page_size=1000).SerializeToString())
    first = daemon.resident_bytes()
    context = client_context(authority, tmp_path)
    with SealedConnection(daemon.port, context, window_bytes=2**30) as connection:
        for _ in range(90):
            stream = connection.start(path=SERVICE + "ListPlans")
            connection.h2.send_data(stream, request, end_stream=True)
            connection.flush()
        time.sleep(0.5)
        assert daemon.resident_bytes() - first < 64 * 2**20
        with secure_channel(daemon.address, authority) as channel:
            assert Catalogue(channel).GetPlan(code="vps")
        # Twice the time-out at most, and TLS's own farewell.
        time.sleep(3.5)
        assert is_closed(connection.socket)


def test_a_drain_does_not_wait_for_a_handshake(start, files):
    daemon = start(*files.options)
    with socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS) as client:
        client.sendall(b"\x16\x03\x01")
        time.sleep(0.1)
        began = time.monotonic()
        daemon.stop()
        assert time.monotonic() - began < 2


def test_a_drain_over_tls_is_in_good_order(start, files, authority):
    daemon = start(*files.options)
    with secure_channel(daemon.address, authority) as channel:
        Catalogue(channel).GetPlan(code="vps")
        began = time.monotonic()
        daemon.stop()
        assert time.monotonic() - began < 3


# MARK: Plaintext beside it


def test_plaintext_stands_beside_tls_where_it_is_asked_for(start, files, authority, tmp_path):
    port, path = free_port(), tmp_path / "packd.sock"
    daemon = start(
        *files.options, "--listen", f"plaintext:127.0.0.1:{port}", "--listen", f"unix:{path}")
    with secure_channel(daemon.address, authority) as channel:
        assert Catalogue(channel).GetPlan(code="vps")
    for address in (f"127.0.0.1:{port}", f"unix:{path}"):
        with grpc.insecure_channel(address) as channel:
            assert Catalogue(channel).GetPlan(code="vps")
    # And nowhere else.
    with daemon.channel() as channel, pytest.raises(grpc.RpcError) as error:
        Catalogue(channel).GetPlan(code="vps")
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE


# MARK: Clients' certificates


def test_a_client_must_show_a_certificate(start, files, authority, client_authority):
    daemon = start(*files.mutual_options)
    with secure_channel(daemon.address, authority, client_authority.issue_client()) as channel:
        assert Catalogue(channel).GetPlan(code="vps")
    with secure_channel(daemon.address, authority) as channel, pytest.raises(
            grpc.RpcError) as error:
        Catalogue(channel).GetPlan(code="vps")
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    wait_for(lambda: refusals(daemon))
    assert set(refusals(daemon)) == {
        "the TLS handshake failed: peer did not return a certificate"}


def foreign(_):
    return Authority("packd clients").issue_client()


def expired(client_authority):
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
    return client_authority.issue_client(begin=begin, days=1)


def future(client_authority):
    begin = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    return client_authority.issue_client(begin=begin)


def server_only(client_authority):
    return client_authority.issue()


@pytest.mark.parametrize("mode", ["require", "request"])
@pytest.mark.parametrize("bad", [foreign, expired, future, server_only])
def test_a_certificate_that_does_not_verify_is_refused(
        start, files, authority, client_authority, mode, bad):
    daemon = start(*files.mutual_options, "--tls-client-auth", mode)
    with secure_channel(daemon.address, authority, bad(client_authority)) as channel:
        with pytest.raises(grpc.RpcError) as error:
            Catalogue(channel).GetPlan(code="vps")
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    wait_for(lambda: refusals(daemon))
    assert set(refusals(daemon)) == {"the TLS handshake failed: certificate verify failed"}


def test_a_certificate_may_be_only_requested(start, files, authority, client_authority):
    daemon = start(*files.mutual_options, "--tls-client-auth", "request")
    for client in (None, client_authority.issue_client()):
        with secure_channel(daemon.address, authority, client) as channel:
            assert Catalogue(channel).GetPlan(code="vps")


# MARK: Files that change


class Caller:
    """Calls all the time over one connection, on a thread of its own."""

    def __init__(self, address, authority):
        self.channel = secure_channel(address, authority)
        self.calls, self.failures = 0, []
        self.is_over = threading.Event()
        Catalogue(self.channel).GetPlan(code="vps")
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        catalogue = Catalogue(self.channel)
        while not self.is_over.is_set():
            try:
                catalogue.GetPlan(code="vps")
                self.calls += 1
            except grpc.RpcError as error:
                self.failures.append(error)

    def finish(self):
        self.is_over.set()
        self.thread.join()
        self.channel.close()


@pytest.fixture
def caller(start, files, authority):
    one = Caller(start(*files.options).address, authority)
    yield one
    one.finish()


def test_sighup_serves_the_new_certificate_and_drops_no_call(
        own_daemon, caller, files, authority, tmp_path):
    context = client_context(authority, tmp_path)
    assert served_serial(own_daemon, context) == files.served.serial
    for _ in range(5):
        renewed = authority.issue()
        renewed.write(files.certificate, files.key)
        own_daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda renewed=renewed: served_serial(own_daemon, context) == renewed.serial, 2)
    before = caller.calls
    wait_for(lambda: caller.calls > before + 50)
    caller.finish()
    assert caller.failures == []
    own_daemon.stop()
    peers = [json.loads(line) for line in own_daemon.stderr.splitlines()]
    # One connection all the while.
    assert len({line["peer"] for line in peers if line["message"] == "call"}) == 1
    assert own_daemon.stderr.count("the TLS certificate was read anew") == 5


def test_files_that_are_replaced_are_noticed(own_daemon, caller, files, authority, tmp_path):
    renewed = authority.issue()
    renewed.write(tmp_path / "next.pem", tmp_path / "next.key")
    (tmp_path / "next.pem").rename(files.certificate)
    (tmp_path / "next.key").rename(files.key)
    context = client_context(authority, tmp_path)
    wait_for(
        lambda: served_serial(own_daemon, context) == renewed.serial, FILE_INTERVAL_SECONDS + 2)
    caller.finish()
    assert caller.failures == []


def other_key(files, authority):
    files.key.write_bytes(authority.issue().key_pem)


def torn(files, _):
    files.certificate.write_bytes(files.certificate.read_bytes()[:200])


def gone(files, _):
    files.key.unlink()


@pytest.mark.parametrize("spoil", [other_key, torn, gone])
def test_a_bad_new_pair_changes_nothing_but_the_log(
        own_daemon, caller, files, authority, tmp_path, spoil):
    spoil(files, authority)
    own_daemon.process.send_signal(signal.SIGHUP)
    line = wait_for_log(own_daemon, "the TLS certificate stays as it was")
    assert json.loads(line)["level"] == "error"
    assert json.loads(line)["cause"].startswith("--tls-")
    context = client_context(authority, tmp_path)
    assert served_serial(own_daemon, context) == files.served.serial
    # And it is well again with the next good one.
    renewed = authority.issue()
    renewed.write(files.certificate, files.key)
    own_daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: served_serial(own_daemon, context) == renewed.serial, 2)
    caller.finish()
    assert caller.failures == []


def test_who_vouches_for_clients_can_change_too(start, files, authority, client_authority):
    daemon = start(*files.mutual_options)
    other = Authority("packd clients")

    def accepts(client):
        with secure_channel(daemon.address, authority, client) as channel:
            try:
                return bool(Catalogue(channel).GetPlan(code="vps"))
            except grpc.RpcError:
                return False

    assert accepts(client_authority.issue_client())
    files.client_roots.write_bytes(other.pem)
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: accepts(other.issue_client()), 3)
    assert not accepts(client_authority.issue_client())


# MARK: What is wrong with the settings


@pytest.fixture
def check(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    return lambda *options: run("check-config", "--jwt-secret-file", secret, *options)


def test_good_files_pass(check, files):
    result = check(*files.mutual_options)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_key_of_another_certificate_is_refused(check, files, authority, start):
    other_key(files, authority)
    expect_refusal(
        check(*files.options), USAGE, "--tls-key", str(files.key), str(files.certificate))
    expect_refusal(
        run("serve", "--dev", "--store", "memory:", *files.options), USAGE, "--tls-key")


@pytest.mark.parametrize("name", ["certificate", "key", "client_roots"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_bad_file_is_named(check, files, name, content):
    path = getattr(files, name)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    option = {"certificate": "--tls-cert", "key": "--tls-key", "client_roots": "--tls-client-ca"}
    expect_refusal(check(*files.mutual_options), USAGE, option[name], str(path))


def test_a_key_with_a_passphrase_is_refused(check, files):
    from cryptography.hazmat.primitives import serialization

    files.key.write_bytes(files.served.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret")))
    expect_refusal(check(*files.options), USAGE, "--tls-key", "without a passphrase")


def test_a_key_that_everyone_can_read_is_warned_of(check, files):
    files.key.chmod(0o644)
    result = check(*files.options)
    assert result.returncode == 0
    assert f"warning: --tls-key: {files.key} can be read by every user" in result.stderr


@pytest.mark.parametrize(
    ("age_days", "text"), [(40, "has expired on"), (29, "expires on"), (-1, "is not valid before")])
def test_a_certificate_out_of_its_time_is_warned_of(check, files, authority, age_days, text):
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=age_days)
    authority.issue(begin=begin).write(files.certificate, files.key)
    result = check(*files.options)
    assert result.returncode == 0
    assert f"{files.certificate} {text}" in result.stderr


# MARK: Services


SERVICE_URI = "spiffe://packd.example/billing?v=1"


@pytest.fixture
def services(start, files):
    return start(
        *files.mutual_options, "--tls-client-auth", "request",
        "--tls-service-principal", f"URI:{SERVICE_URI}=acme/billing",
        "--tls-service-principal", "DNS:Backup.Example=backup",
        "--tls-service-principal", "CN:cron=cron")


@pytest.fixture
def anonymous_call(services, authority):
    """Calls without a token, with a certificate or none."""

    def call(client):
        with secure_channel(services.address, authority, client) as channel:
            catalogue = Catalogue(channel)
            catalogue.metadata = ()
            return catalogue.ListPlans(page_size=1)

    return call


@pytest.mark.parametrize(
    ("name", "alternatives", "principal"),
    [("x", [x509.UniformResourceIdentifier(SERVICE_URI)], "acme/billing"),
     ("x", [x509.DNSName("other.example"), x509.DNSName("backup.example")], "default/backup"),
     ("cron", [], "default/cron")], ids=["URI", "DNS", "CN"])
def test_a_certificate_stands_for_a_service(
        services, anonymous_call, client_authority, name, alternatives, principal):
    assert anonymous_call(client_authority.issue_client(name, alternatives)).plans
    services.stop()
    calls = [json.loads(line) for line in services.stderr.splitlines()]
    assert [line["principal"] for line in calls if line["message"] == "call"] == [principal]


@pytest.mark.parametrize(
    ("name", "alternatives"),
    [("cron", [x509.DNSName("other.example")]), ("other", []),
     ("x", [x509.UniformResourceIdentifier(SERVICE_URI + "2")]),
     ("x", [x509.DNSName("a.backup.example")])],
    ids=["CN beside a DNS name", "another CN", "a longer URI", "a name below"])
def test_any_other_certificate_stands_for_nobody(
        anonymous_call, client_authority, name, alternatives):
    with refused("UNAUTHENTICATED"):
        anonymous_call(client_authority.issue_client(name, alternatives))


def test_no_certificate_stands_for_nobody(anonymous_call):
    with refused("UNAUTHENTICATED"):
        anonymous_call(None)


def test_a_service_may_do_what_services_may(services, authority, client_authority):
    client = client_authority.issue_client("cron")
    with secure_channel(services.address, authority, client) as channel:
        catalogue = Catalogue(channel)
        catalogue.metadata = ()
        with refused("PERMISSION_DENIED"):
            catalogue.CreatePlan(plan=make_plan("Not By A Service"))
        # A token wins.
        assert Catalogue(channel).CreatePlan(plan=make_plan("By An Admin")).plan.id
        catalogue.metadata = (("authorization", "Bearer nonsense"),)
        with refused("UNAUTHENTICATED"):
            catalogue.ListPlans(page_size=1)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
def test_a_session_can_be_resumed_with_the_clients_certificate(
        start, files, authority, client_authority, tmp_path, version):
    daemon = start(*files.mutual_options)
    context = client_context(authority, tmp_path, client_authority.issue_client())
    context.minimum_version = context.maximum_version = version
    with dial(daemon, context) as first:
        first.sendall(PREFACE)
        first.recv(9)
        session = first.session
    raw = socket.create_connection(("127.0.0.1", daemon.port), TIMEOUT_SECONDS)
    with context.wrap_socket(raw, server_hostname="127.0.0.1", session=session) as second:
        assert second.session_reused
        second.sendall(PREFACE)
        assert second.recv(9)[3] == 4
