"""What an operator sees of payments and receipts."""

import grpc
import pytest
from packd_testing.daemon import Daemon
from packd_testing.metrics import metrics
from packd_testing.sellers import (
    BASIC, LOST_ANSWER_CARD, REFUSED_CARD, SILENT_CARD, UNREACHABLE_CARD, Sellers, card)
from packd_testing.tokens import SECRET
from packd_testing.waiting import wait_for

DECLINED = "4000 0000 0000 0002"


@pytest.fixture
def daemon(tmp_path):
    # Nobody takes mails at that port.
    one = Daemon(tmp_path, SECRET, options=["--mailer", "smtp://127.0.0.1:9"])
    one.start()
    yield one
    one.kill()


def buy(daemon, number):
    with daemon.channel() as channel:
        seller = Sellers(channel, email="seller@example.com")
        try:
            return seller.PurchasePackage(package_id=BASIC, credit_card=card(number))
        except grpc.RpcError as error:
            return error


def test_payments_and_mails_are_counted(daemon):
    before = metrics(daemon)
    assert before['packd_payments_total{outcome="succeeded"}'] == 0
    assert before["packd_payments_open"] == before["packd_outbox_age_seconds"] == 0
    buy(daemon, "4242 4242 4242 4242")
    for number in (DECLINED, UNREACHABLE_CARD, REFUSED_CARD, LOST_ANSWER_CARD, SILENT_CARD):
        assert isinstance(buy(daemon, number), grpc.RpcError), number

    # The one whose answer was lost is found by the reconciler.
    wait_for(lambda: metrics(daemon)['packd_payments_total{outcome="succeeded"}'] == 2)
    wait_for(lambda: metrics(daemon)['packd_mails_total{outcome="failed"}'] >= 2)
    after = metrics(daemon)
    assert after['packd_payments_total{outcome="succeeded"}'] == 2
    assert after['packd_payments_total{outcome="declined"}'] == 1
    assert after['packd_payments_total{outcome="refused"}'] == 1
    assert after['packd_payments_total{outcome="unavailable"}'] == 1
    assert after['packd_payments_total{outcome="unresolved"}'] == 2
    assert after["packd_payments_open"] == 1
    assert after['packd_mails_total{outcome="failed"}'] >= 2
    assert after['packd_outbox_mails{state="waiting"}'] == 2
    assert after['packd_outbox_mails{state="dead"}'] == 0
    wait_for(lambda: metrics(daemon)["packd_outbox_age_seconds"] >= 1)
