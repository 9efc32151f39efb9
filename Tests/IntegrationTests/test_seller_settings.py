"""What is wrong with the settings of payments and receipts is said before anything is begun."""

import pytest
from packd_testing.certificates import Authority
from packd_testing.daemon import free_port
from packd_testing.program import expect_refusal, run
from packd_testing.tokens import SECRET

USAGE = 64
SMTP = ("--mailer", "smtp://127.0.0.1:25")
STRIPE = ("--payment-gateway", "stripe:https://api.stripe.com")


@pytest.fixture(params=["check-config", "serve"])
def attempt(request, tmp_path):
    """Runs a command that is not expected to get as far as serving."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    store = tmp_path / "packd.db"

    def start(*options):
        result = run(
            request.param, "--jwt-secret-file", secret, "--store", f"sqlite:{store}",
            "--listen", f"127.0.0.1:{free_port()}", *options)
        assert not store.exists()
        return result

    return start


@pytest.fixture
def key(tmp_path):
    """Writes a key file as given."""

    def write(content, mode=0o600):
        path = tmp_path / "stripe-key"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "mode"),
    [(b"", 0o600), (b"pk_live_abc", 0o600), (b"sk_test_a b", 0o600), (b"sk_test_abc", 0o604)])
def test_a_bad_key_is_refused_and_not_told(attempt, key, content, mode):
    path = key(content, mode)
    result = attempt(*STRIPE, "--stripe-key-file", path)
    expect_refusal(result, USAGE, "--stripe-key-file", str(path))
    assert not content or content.decode() not in result.stderr


def test_a_key_file_that_is_not_there_is_named(attempt, tmp_path):
    path = tmp_path / "nowhere"
    result = attempt(*STRIPE, "--stripe-key-file", path)
    expect_refusal(result, USAGE, "--stripe-key-file", str(path))


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_bad_file_of_roots_is_named(attempt, tmp_path, content):
    path = tmp_path / "roots.pem"
    if content is not None:
        path.write_bytes(content)
    expect_refusal(attempt(*SMTP, "--mail-ca", path), USAGE, "--mail-ca", str(path))


@pytest.mark.parametrize(
    "options",
    [("--mail-ca", "x"), ("--mail-from", "a@example.org"), ("--mail-require-starttls",),
     ("--stripe-key-file", "x")], ids=lambda options: options[0])
def test_what_would_do_nothing_is_named(attempt, options):
    expect_refusal(attempt(*options), USAGE, options[0], "means nothing without")


@pytest.mark.parametrize("path", ["/nowhere/mails", "/dev/null"])
def test_a_folder_that_cannot_be_is_named(attempt, path):
    expect_refusal(attempt("--mailer", f"directory:{path}"), USAGE, "--mailer", path)


def test_good_settings_pass_and_nothing_is_made(tmp_path, key):
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    roots = tmp_path / "roots.pem"
    roots.write_bytes(Authority().pem)
    result = run(
        "check-config", "--jwt-secret-file", secret, *STRIPE, "--stripe-key-file",
        key(b"sk_test_abc\n"), *SMTP, "--mail-ca", roots, "--mail-from", "shop@example.org",
        "--mail-require-starttls")
    assert (result.returncode, result.stderr) == (0, "")
    outbox = tmp_path / "outbox"
    result = run("check-config", "--jwt-secret-file", secret, "--mailer", f"directory:{outbox}")
    assert (result.returncode, result.stderr) == (0, "")
    assert not outbox.exists()
