"""Purchases that Stripe charges: its part is played by localstripe, and answers get lost."""

import datetime
from collections import Counter

import grpc
import pytest
from packd.v1 import seller_package_service_pb2 as api
from packd_testing.buyer import ASKING, CALL_SECONDS, DECLINED, SERVICE, Buyer
from packd_testing.clock import Clock, needs_clock
from packd_testing.errors import Refusal
from packd_testing.memory import check_absent, cvv_images, memory
from packd_testing.sellers import Sellers, mask
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
    assert refusal.info == {"decline_code": "card_declined"}
    assert buyer.purchases() == []
    # And another card does.
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


def test_a_card_that_asks_for_its_holder_is_declined(shop, stripe):
    buyer = Buyer(shop)
    refusal = buyer.refusal(buyer.request(ASKING))
    assert refusal.reason == "CARD_DECLINED"
    assert refusal.info == {"decline_code": "authentication_required"}
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
    stripe.spoil(PAYMENTS, "hold_answer")
    request = buyer.request()
    assert buyer.refusal(request).code == "UNAVAILABLE"
    buyer.persist(request)
    check_the_money(stripe, buyer.purchases())


def test_a_late_request_is_found_by_a_retry(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "hold_request")
    request = buyer.request()
    assert buyer.refusal(request).code == "UNAVAILABLE"
    # It is not there when it is looked for first, and that is not taken for the last word.
    wait_for(stripe.lookups)
    assert buyer.refusal(request).code == "UNAVAILABLE"
    stripe.release()
    buyer.persist(request)
    check_the_money(stripe, buyer.purchases())


def test_a_request_that_arrives_twice_charges_once(shop, stripe):
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "double")
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


@needs_clock
def test_a_lost_request_charges_nothing_and_is_given_up(shop, stripe):
    shop.stop()
    clock = Clock(shop, datetime.datetime.now(datetime.timezone.utc).isoformat())
    shop.start()
    clock.clean(shop)
    buyer = Buyer(shop)
    stripe.spoil(PAYMENTS, "drop_request")
    refusal = buyer.refusal(buyer.request())
    assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "PAYMENT_UNRESOLVED")
    # However often it is not found: it may still come.
    for _ in range(3):
        asked = len(stripe.lookups())
        clock.advance(minutes=4)
        assert buyer.refusal(buyer.request()).reason == "PURCHASE_UNDER_WAY"
        wait_for(lambda: len(stripe.lookups()) > asked)
    assert stripe.paid() == [] and buyer.purchases() == []
    # It is too late to come, and is looked for twice.
    clock.advance(minutes=4)

    def try_another():
        clock.advance(seconds=1)
        try:
            return buyer.purchase(buyer.request())
        except grpc.RpcError as error:
            refusal.read(error)
            assert refusal.reason == "PURCHASE_UNDER_WAY"

    wait_for(try_another)
    wait_for_log(shop, "payment reconciled", "void")
    check_the_money(stripe, buyer.purchases())


def test_a_card_that_stripe_was_not_told_of_charges_nothing(shop, stripe):
    buyer = Buyer(shop)
    for kind in ("drop_request", "drop_answer"):
        stripe.spoil("/v1/payment_methods", kind)
        assert buyer.refusal(buyer.request()).code == "UNAVAILABLE"
    # It is known that nothing was charged, so that the buyer can go on at once.
    buyer.purchase(buyer.request())
    check_the_money(stripe, buyer.purchases())


def begin(buyer, channel, request, method="PurchasePackage"):
    """A call that has no answer yet."""
    return channel.unary_unary(
        SERVICE + method, request_serializer=lambda request: request.SerializeToString(),
    ).future(request, metadata=buyer.metadata, timeout=CALL_SECONDS)


def begin_and_be_charged(buyer, stripe, request=None, method="PurchasePackage"):
    """A call that is charged, and has no answer before the stand-in lets go of it."""
    before = len(stripe.paid())
    stripe.spoil(PAYMENTS, "hold_answer")
    call = begin(buyer, buyer.channel, request or buyer.request(), method)
    wait_for(lambda: len(stripe.paid()) > before)
    return call


def test_who_is_not_charged_for_want_of_time_is_free_at_once(shop, stripe):
    # More than are let through at a time: some wait until their time is over.
    buyers = [Buyer(shop, f"buyer-{count}") for count in range(100)]
    stripe.spoil("/v1/payment_methods", "hold_answer", count=len(buyers))
    reasons = Counter()
    for call in [begin(buyer, buyers[0].channel, buyer.request()) for buyer in buyers]:
        refusal = Refusal()
        refusal.read(call.exception())
        reasons[refusal.reason] += 1
    assert reasons == {"PAYMENT_GATEWAY_UNAVAILABLE": len(buyers)}
    assert {call["path"] for call in stripe.calls} == {"/v1/payment_methods"}
    stripe.release()
    for buyer in (buyers[0], buyers[-1]):
        assert buyer.purchase(buyer.request()).is_active


def restart(shop, *options):
    shop.stop()
    shop.options += options
    shop.start()


def test_a_crash_after_the_charge_is_made_good(shop, stripe):
    buyer = Buyer(shop)
    call = begin_and_be_charged(buyer, stripe)
    shop.kill()
    call.exception(timeout=20)
    shop.start()
    again = Buyer(shop)
    again.wait_for_purchase()
    check_the_money(stripe, again.purchases())


def check_that_it_is_given_back(call, stripe):
    """The buyer is told so, and what was charged last is back."""
    stripe.release()
    error = call.exception(CALL_SECONDS)
    assert error is not None, "it was given"
    refusal = Refusal()
    refusal.read(error)
    assert (refusal.code, refusal.reason) == ("ABORTED", "PAYMENT_RETURNED")
    assert refusal.message == "The payment is given back: the package could not be given any more"
    assert (refusal.details, refusal.info, refusal.retry_seconds) == ([], {}, None)
    last = stripe.payments[0]
    assert stripe.refunds == [{"payment": last["id"], "amount": last["amount"]}]


def test_a_refund_that_stripe_refuses_is_asked_for_anew(shop, stripe):
    restart(shop, "--gateway-timeout-seconds", "60")
    buyer = Buyer(shop)
    call = begin_and_be_charged(buyer, stripe)
    with shop.channel() as channel:
        Sellers(channel, role="Admin").DeleteSellerPackage(id=1)
    error = {"type": "invalid_request_error", "code": "balance_insufficient"}
    stripe.spoil("/v1/refunds", "status", status=400, error=error)
    stripe.release()
    assert call.exception(CALL_SECONDS).code().name == "ABORTED"
    assert stripe.refunds == []
    wait_for_log(shop, "payment not given back")
    wait_for(lambda: stripe.refunds)
    # Stripe keeps its answers by their keys, the refusal too.
    keys = [call["key"] for call in stripe.calls if call["path"] == "/v1/refunds"]
    assert len(keys) == len(set(keys)) == 2


def test_a_renewal_whose_caller_has_gone_is_told_of(shop, stripe):
    restart(shop, "--gateway-timeout-seconds", "60")
    buyer = Buyer(shop)
    purchase = buyer.purchase(buyer.request())
    renewal = api.RenewPackageRequest(
        purchase_id=purchase.id, credit_card=buyer.request().credit_card)
    call = begin_and_be_charged(buyer, stripe, renewal, "RenewPackage")
    call.cancel()
    # What has come after the cancellation, on the same connection, is answered.
    assert buyer.purchases() == [purchase]
    stripe.release()
    wait_for(lambda: buyer.purchases()[0].end_time != purchase.end_time)
    with pytest.raises(grpc.RpcError) as error:
        buyer.call("RenewPackage", renewal, api.RenewPackageResponse)
    refusal = Refusal()
    refusal.read(error.value)
    assert (refusal.code, refusal.reason) == ("ABORTED", "EARLIER_RENEWAL_PAID")
    assert (len(stripe.paid()), stripe.refunds) == (2, [])


def test_what_was_paid_for_a_package_that_is_gone_is_given_back(shop, stripe):
    restart(shop, "--gateway-timeout-seconds", "60")
    buyer = Buyer(shop)
    call = begin_and_be_charged(buyer, stripe)
    with shop.channel() as channel:
        Sellers(channel, role="Admin").DeleteSellerPackage(id=1)
    check_that_it_is_given_back(call, stripe)
    assert buyer.purchases() == []
    # The buyer owes nothing, and buys another.
    assert buyer.purchase(buyer.request(package=2)).is_active


def test_a_renewal_that_its_listings_have_outgrown_is_given_back(shop, stripe):
    restart(shop, "--gateway-timeout-seconds", "60")
    buyer = Buyer(shop)
    purchase = buyer.purchase(buyer.request())
    renewal = api.RenewPackageRequest(
        purchase_id=purchase.id, credit_card=buyer.request().credit_card)
    with shop.channel() as channel:
        Sellers(channel, role="Admin").UpdateSellerPackage(
            seller_package={"id": 1, "listing_limit": {"limit": 1}},
            update_mask=mask("listing_limit"))
        call = begin_and_be_charged(buyer, stripe, renewal, "RenewPackage")
        seller = Sellers(channel, sub=buyer.user)
        seller.reserve("first")
        seller.reserve("second")
    check_that_it_is_given_back(call, stripe)
    [kept] = buyer.purchases()
    assert (kept.end_time, kept.transaction_id) == (purchase.end_time, purchase.transaction_id)
    assert kept.listing_limit.limit == 10


@pytest.mark.parametrize("spoiled", [None, "drop_answer"])
def test_nothing_of_a_card_is_left_in_memory(shop, stripe, spoiled):
    # A security code as no number is written.
    number, cvv, holder = "5105105105105100", "073", "Wilhelmina Holder"
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
    check_absent(
        memory(shop.process.pid),
        [*(secret.encode() for secret in secrets), *cvv_images(cvv)])


def test_what_stripe_never_charges_is_refused_once(shop, stripe):
    buyer = Buyer(shop)
    error = {"type": "invalid_request_error", "code": "amount_too_small"}
    stripe.spoil(PAYMENTS, "status", status=400, error=error)
    request = buyer.request()
    for _ in range(2):
        refusal = buyer.refusal(request)
        assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "PAYMENT_REFUSED")
        assert refusal.info == {"refusal_code": "amount_too_small"}
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
    restart(shop, "--gateway-timeout-seconds", "120", "--drain-grace-seconds", "1")
    buyer = Buyer(shop)
    call = begin_and_be_charged(buyer, stripe)
    # Which fails where it takes as long as the gateway may.
    shop.stop()
    assert call.exception(CALL_SECONDS) is not None
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
