import pytest
from packd_testing.daemon import Daemon
from packd_testing.tokens import SECRET
from stripe import KEY, Stripe


@pytest.fixture
def stripe():
    one = Stripe()
    yield one
    one.close()


@pytest.fixture
def shop(tmp_path, stripe):
    """A daemon that charges with the stand-in, and mails receipts into a folder."""
    key = tmp_path / "stripe-key"
    key.write_text(f"{KEY}\n", encoding="utf-8")
    key.chmod(0o600)
    one = Daemon(tmp_path, SECRET, options=[
        "--payment-gateway", f"stripe:{stripe.url}", "--stripe-key-file", key,
        "--gateway-timeout-seconds", "2", "--mailer", f"directory:{tmp_path / 'mails'}",
    ])
    one.start()
    yield one
    one.kill()
    # Whatever happened, this was told to nobody.
    for secret in (KEY, "4242424242424242", "4000000000000341"):
        assert secret not in one.stderr
        for file in tmp_path.glob("packd.db*"):
            assert secret.encode() not in file.read_bytes(), file
