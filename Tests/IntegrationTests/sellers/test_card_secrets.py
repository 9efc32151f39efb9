"""Of a card nothing is left but its brand and last four digits: not in the data file, its log, the
daemon's messages, the mails, nor in the daemon's memory once the call is over."""

import random
import re

import grpc
import pytest
from packd.v1 import seller_package_service_pb2 as api
from packd_testing.certificates import Authority, secure_channel
from packd_testing.daemon import Daemon
from packd_testing.memory import check_absent, cvv_images, memory
from packd_testing.tokens import SECRET, bearer, make_token
from packd_testing.waiting import wait_for

SERVICE = "/packd.v1.SellerPackageService/PurchasePackage"
# By prefix and Luhn's digit American Express's, which have security codes of four digits.
NUMBER, SPACED, LAST_FOUR = "371449635398431", "3714 496353 98431", "8431"
DECLINED = "4000 0000 0000 9995"
# As no number is written, such as that of a call's microseconds in the log.
CVV, DECLINED_CVV = "0739", "073"
HOLDER = "Wilhelmina Holder"
CALLS = 200
# A field that packd does not know, before the card: half of it can be compressed, and the message
# is too long for the daemon to look at it on the connection's own thread.
NOISE = random.Random(7).randbytes(50_000) + bytes(50_000)
PADDING = b"\xfa\x3e" + b"\xa0\x8d\x06" + NOISE


@pytest.fixture(params=["plaintext", "tls"])
def authority(request):
    """Whose certificate the daemon serves with, if any."""
    return Authority() if request.param == "tls" else None


@pytest.fixture
def daemon(tmp_path, authority):
    (tmp_path / "mails").mkdir()
    one = Daemon(tmp_path, SECRET, options=[
        "--log-level", "trace", "--mailer", f"directory:{tmp_path / 'mails'}"])
    if authority:
        certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
        authority.issue().write(certificate, key)
        one.options += ["--tls-cert", certificate, "--tls-key", key]
    one.start()
    yield one
    one.kill()


def dial(daemon, authority):
    return secure_channel(daemon.address, authority) if authority else daemon.channel()


def buy(channel, user, number, cvv=CVV, padding=b"", compression=None):
    request = api.PurchasePackageRequest(
        package_id=1, request_id=f"request-{user}", credit_card=api.CreditCard(
            number=number, expiry_month=12, expiry_year=2060, cvv=cvv, holder_name=HOLDER))
    return channel.unary_unary(
        SERVICE, request_serializer=lambda message: padding + message.SerializeToString(),
        response_deserializer=api.PurchasePackageResponse.FromString,
    )(request, timeout=10, compression=compression, metadata=bearer(
        make_token(role="Seller", sub=user, email=f"{user}@example.com")))


def test_nothing_of_a_card_is_left(daemon, authority, tmp_path):
    with dial(daemon, authority) as channel:
        for count in range(CALLS):
            bought = buy(channel, f"user-{count}", SPACED if count % 2 else NUMBER).purchase
            assert bought.is_active
            with pytest.raises(grpc.RpcError):
                buy(channel, f"user-{count}-declined", DECLINED, DECLINED_CVV)
            with pytest.raises(grpc.RpcError):
                buy(channel, f"user-{count}-wrong", NUMBER + "1")
    wait_for(lambda: len(list((tmp_path / "mails").glob("*.eml"))) >= CALLS)

    # The sandbox knows its own numbers by heart, in digits alone.
    texts = [text.encode() for text in (NUMBER, SPACED, DECLINED, HOLDER)]
    check_absent(
        memory(daemon.process.pid), [*texts, *cvv_images(CVV), *cvv_images(DECLINED_CVV)])
    # A stop would delete the data file's log, in which a sudden end leaves what was written.
    daemon.kill()

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".eml" for path in files)
    # Receipts tell this much.
    telling = {path.name for path in files if LAST_FOUR.encode() in path.read_bytes()}
    assert "packd.db-wal" in telling
    for path in files:
        content = path.read_bytes()
        for secret in (NUMBER, SPACED, DECLINED, DECLINED.replace(" ", ""), HOLDER):
            assert secret.encode() not in content, (secret, path)
        assert not re.search(rb"\b%s\b" % CVV.encode(), content), path


@pytest.mark.parametrize("padding", [b"", PADDING], ids=["short", "long"])
@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip], ids=["plain", "gzip"])
def test_nothing_of_a_card_is_left_in_memory_however_it_came(
        daemon, authority, compression, padding):
    with dial(daemon, authority) as channel:
        for count in range(CALLS // 4):
            bought = buy(
                channel, f"user-{count}", NUMBER, padding=padding, compression=compression)
            assert bought.purchase.is_active
            with pytest.raises(grpc.RpcError):
                buy(channel, f"user-{count}-wrong", NUMBER + "1", padding=padding,
                    compression=compression)
        # The whole message, in pieces, of which one may be left by itself.
        check_absent(
            memory(daemon.process.pid), [NUMBER.encode(), HOLDER.encode(), *cvv_images(CVV)])
