"""Of a card nothing is left but its brand and last four digits: not in the data file, its log, the
daemon's messages, the mails, nor in the daemon's memory once the call is over."""

import re
import time

import grpc
import pytest
from packd.v1 import seller_package_service_pb2 as api
from packd_testing.daemon import Daemon
from packd_testing.tokens import SECRET, bearer, make_token

SERVICE = "/packd.v1.SellerPackageService/PurchasePackage"
# By prefix and Luhn's digit American Express's, which have security codes of four digits.
NUMBER, SPACED, LAST_FOUR = "371449635398431", "3714 496353 98431", "8431"
DECLINED = "4000 0000 0000 9995"
CVV = "7394"
# Field 4 of a CreditCard.
ENCODED_CVV = b"\x22\x04" + CVV.encode()
HOLDER = "Wilhelmina Holder"
CALLS = 200


@pytest.fixture
def daemon(tmp_path):
    (tmp_path / "mails").mkdir()
    one = Daemon(tmp_path, SECRET, options=[
        "--log-level", "trace", "--mailer", f"directory:{tmp_path / 'mails'}"])
    one.start()
    yield one
    one.kill()


def buy(channel, user, number, cvv=CVV):
    request = api.PurchasePackageRequest(
        package_id=1, request_id=f"request-{user}", credit_card=api.CreditCard(
            number=number, expiry_month=12, expiry_year=2060, cvv=cvv, holder_name=HOLDER))
    return channel.unary_unary(
        SERVICE, request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=api.PurchasePackageResponse.FromString,
    )(request, timeout=10, metadata=bearer(
        make_token(role="Seller", sub=user, email=f"{user}@example.com")))


def memory(process):
    """What a core of the process would hold: all that it may write."""
    with open(f"/proc/{process}/maps", encoding="ascii") as maps:
        regions = [line.split() for line in maps]
    with open(f"/proc/{process}/mem", "rb", buffering=0) as file:
        for region in regions:
            if "w" not in region[1]:
                continue
            start, end = (int(part, 16) for part in region[0].split("-"))
            file.seek(start)
            try:
                yield region, file.read(end - start)
            except OSError:
                # Reserved, and not there.
                continue


def test_nothing_of_a_card_is_left(daemon, tmp_path):
    with daemon.channel() as channel:
        for count in range(CALLS):
            bought = buy(channel, f"user-{count}", SPACED if count % 2 else NUMBER).purchase
            assert bought.is_active
            with pytest.raises(grpc.RpcError):
                buy(channel, f"user-{count}-declined", DECLINED, "739")
            with pytest.raises(grpc.RpcError):
                buy(channel, f"user-{count}-wrong", NUMBER + "1")
    until = time.monotonic() + 30
    while len(list((tmp_path / "mails").glob("*.eml"))) < CALLS and time.monotonic() < until:
        time.sleep(0.1)

    # The sandbox knows its own numbers by heart, in digits alone.
    for region, content in memory(daemon.process.pid):
        for secret in (NUMBER, SPACED, DECLINED):
            assert secret.encode() not in content, (secret, region)
        assert ENCODED_CVV not in content, region
    daemon.stop()

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".eml" for path in files)
    assert any(path.name == "packd.db" for path in files)
    assert any(LAST_FOUR.encode() in path.read_bytes() for path in files), "receipts tell it"
    for path in files:
        content = path.read_bytes()
        for secret in (NUMBER, SPACED, DECLINED, DECLINED.replace(" ", ""), HOLDER):
            assert secret.encode() not in content, (secret, path)
        assert not re.search(rb"\b%s\b" % CVV.encode(), content), path
