"""Purchases that Stripe charges: its part is played by localstripe, and answers get lost."""

import time

import pytest
from packd.v1 import seller_package_service_pb2 as api
from packd_testing.buyer import ASKING, DECLINED, Buyer
from packd_testing.memory import memory
from packd_testing.waiting import wait_for, wait_for_log

PAYMENTS = "/v1/payment_intents"


def check_the_money(stripe, purchases):
    """What was taken is what was sold, each once; nothing was given back."""
    paid = {payment["id"]: payment["amount"] for payment in stripe.paid()}
    sold = {
        purchase.transaction_id.removeprefix("tr_"):
            purchase.amount_charged.units * 100 + purchase.amount_charged.nanos // 10_000_000
        for purchase in purchases
    }
    assert paid == sold
    assert len(sold) == len(purchases)
    assert stripe.refunds == []


def test_a_purchase_is_charged_once(shop, stripe):
    buyer = Buyer(shop)
    request = buyer.request()
    purchase = buyer.purchase(request)
    assert purchase.transaction_id.startswith("tr_pi_")
    # The same request is the same purchase.
    assert buyer.purchase(request) == purchase
    [payment] = stripe.payments
    assert payment["currency"] == purchase.amount_charged.currency_code.lower()
    check_the_money(stripe, buyer.purchases())


def test_a_declined_card_buys_nothing(shop, stripe):
    buyer = Buyer(shop)
    refusal = buyer.refusal(buyer.request(DECLINED))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "CARD_DECLINED")
    assert buyer.purchases() == []
    # And another card does.
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


def test_a_card_that_asks_for_its_holder_is_declined(shop, stripe):
    buyer = Buyer(shop)
    refusal = buyer.refusal(buyer.request(ASKING))
    assert refusal.reason == "CARD_DECLINED"
    assert [payment["status"] for payment in stripe.payments] == ["canceled"]


def test_a_lost_answer_is_found_without_a_retry(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "drop_answer")
    request = buyer.request()
    assert buyer.refusal(request).code == "UNAVAILABLE"
    found = buyer.wait_for_purchase()
    # The retry gets what the first try paid for.
    assert buyer.purchase(request).id == found.id
    check_the_money(stripe, buyer.purchases())


def test_a_late_answer_is_found_by_a_retry(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "delay_answer", seconds=3)
    request = buyer.request()
    assert buyer.refusal(request).code == "UNAVAILABLE"
    buyer.persist(request)
    check_the_money(stripe, buyer.purchases())


def test_a_late_request_is_found_by_a_retry(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "delay_request", seconds=3)
    request = buyer.request()
    assert buyer.refusal(request).code == "UNAVAILABLE"
    # It was not there when it was looked for first, and that was not taken for the last word.
    buyer.persist(request)
    lookups = [call for call in stripe.calls if call["method"] == "GET"]
    assert len(lookups) >= 2
    check_the_money(stripe, buyer.purchases())


def test_a_request_that_arrives_twice_charges_once(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "double")
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


def test_a_lost_request_charges_nothing(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "drop_request")
    assert buyer.refusal(buyer.request()).code == "UNAVAILABLE"
    time.sleep(1)
    assert stripe.paid() == [] and buyer.purchases() == []


def test_a_card_that_stripe_was_not_told_of_charges_nothing(shop, stripe):
    buyer = Buyer(shop)
    for kind in ("drop_request", "drop_answer"):
        stripe.spoil("/v1/payment_methods", kind)
        assert buyer.refusal(buyer.request()).code == "UNAVAILABLE"
    # It is known that nothing was charged, so that the buyer can go on at once.
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


def begin_and_be_charged(buyer, stripe):
    """A purchase that has no answer yet, and is charged."""
    call = buyer.channel.unary_unary(
        "/packd.v1.SellerPackageService/PurchasePackage",
        request_serializer=lambda request: request.SerializeToString(),
    ).future(buyer.request(), metadata=buyer.metadata, timeout=20)
    wait_for(stripe.paid)
    return call


def test_a_crash_after_the_charge_is_made_good(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "delay_answer", seconds=30)
    call = begin_and_be_charged(buyer, stripe)
    shop.kill()
    call.exception(timeout=20)
    shop.start()
    again = Buyer(shop)
    again.wait_for_purchase()
    check_the_money(stripe, again.purchases())


@pytest.mark.parametrize("spoiled", [None, "drop_answer"])
def test_nothing_of_a_card_is_left_in_memory(shop, stripe, spoiled):
    number, cvv, holder = "5105105105105100", "739", "Wilhelmina Holder"
    for count in range(20):
        buyer = Buyer(shop, f"buyer-{count}")
        if spoiled:
            stripe.spoil("/v1/payment_methods", spoiled)
        request = buyer.request(number)
        request.credit_card.cvv, request.credit_card.holder_name = cvv, holder
        if spoiled:
            assert buyer.refusal(request).code == "UNAVAILABLE"
        else:
            assert buyer.purchase(request).is_active
    token = f"pm_{number}"
    buyer = Buyer(shop, "friend")
    request = buyer.request()
    request.paypal.CopyFrom(api.PayPal(approval_token=token))
    assert buyer.refusal(request).reason == "CARD_DECLINED"
    secrets = [number, holder, holder.replace(" ", "%20"), f"card%5Bcvc%5D={cvv}"]
    for region, content in memory(shop.process.pid):
        for secret in secrets:
            assert secret.encode() not in content, (secret, region)
        assert b"\x22\x03" + cvv.encode() not in content, region


def test_what_stripe_never_charges_is_refused_once(shop, stripe):
    buyer = Buyer(shop)
    error = {"type": "invalid_request_error", "code": "amount_too_small"}
    stripe.spoil(PAYMENTS, "status", status=400, error=error)
    request = buyer.request()
    for _ in range(2):
        refusal = buyer.refusal(request)
        assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "PAYMENT_REFUSED")
    assert [call["path"] for call in stripe.calls].count(PAYMENTS) == 1
    # It is over: another payment can begin.
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


def test_a_key_that_stripe_does_not_take_is_the_operators_matter(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil("/v1/payment_methods", "status", status=401)
    request = buyer.request()
    refusal = buyer.refusal(request)
    assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "PAYMENT_GATEWAY_UNAVAILABLE")
    assert buyer.purchase(request).is_active
    wait_for_log(shop, "not allowed: HTTP 401")


def test_a_drain_waits_for_stripe_no_longer_than_its_grace(shop, stripe):
    shop.stop()
    shop.options += ["--gateway-timeout-seconds", "60", "--drain-grace-seconds", "1"]
    shop.start()
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "delay_answer", seconds=50)
    call = begin_and_be_charged(buyer, stripe)
    began = time.monotonic()
    shop.stop()
    assert time.monotonic() - began < 5
    assert call.exception(timeout=20) is not None
    assert "payment unresolved" in shop.stderr
    # What was charged is given at the next start.
    shop.start()
    again = Buyer(shop)
    again.wait_for_purchase()
    check_the_money(stripe, again.purchases())


def test_a_receipt_is_mailed(shop, stripe):
    buyer = Buyer(shop)
    purchase = buyer.purchase(buyer.request())
    folder = shop.folder / "mails"
    mails = wait_for(lambda: list(folder.glob("*.eml")))
    text = mails[0].read_text(encoding="ascii")
    assert "To: buyer@example.com\n" in text
    assert purchase.receipt_number in text and purchase.transaction_id in text
    assert "visa ending in 4242" in text


def test_a_key_that_all_can_read_stops_the_start(shop):
    shop.stop()
    (shop.folder / "stripe-key").chmod(0o604)
    shop.launch()
    assert shop.process.wait(10) == 64
    assert "can be used by every user" in shop.stderr
