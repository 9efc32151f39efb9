"""Dates of seller packages, with a clock of the daemon's own."""

import uuid

import pytest
from packd.v1 import seller_package_service_pb2 as pb
from packd_testing.clock import Clock, needs_clock, text
from packd_testing.errors import refused, resource
from packd_testing.plans import quota
from packd_testing.sellers import (
    BASIC, LOST_ANSWER_CARD, PREMIUM, PROFESSIONAL, Sellers, card, cents)
from packd_testing.tokens import bearer

pytestmark = needs_clock

START = "2023-01-20T10:15:30Z"
CARD = card(expiry_year=2031)


class Shop:
    """A daemon and its clock."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.clock = Clock(daemon, START)
        self.channel = None

    def open(self):
        self.daemon.start()
        self.clock.clean(self.daemon)
        self.channel = self.daemon.channel()

    def close(self):
        self.channel.close()
        self.daemon.stop()

    def caller(self, sub="10", role="Seller"):
        """Who has a token that is valid for an hour from now."""
        caller = Sellers(self.channel, sub=sub)
        caller.metadata = bearer(self.clock.token(sub=sub, role=role))
        return caller

    def buy(self, package, **fields):
        return self.caller().buy(package, **{"credit_card": CARD, **fields})


@pytest.fixture
def shop(own_daemon):
    shop = Shop(own_daemon)
    shop.open()
    yield shop
    shop.close()


def test_thirty_days_are_thirty_days(shop):
    purchase = shop.buy(BASIC)
    assert text(purchase.start_time) == "2023-01-20T10:15:30Z"
    assert text(purchase.end_time) == "2023-02-19T10:15:30Z"
    details = shop.caller().status().details
    assert text(details.start_time) == "2023-01-20T10:15:30Z"
    assert text(details.end_time) == "2023-02-19T10:15:30Z"
    assert details.days_left == 30


def test_after_five_days_twenty_five_are_left(shop):
    shop.buy(BASIC)
    shop.clock.set("2023-01-25T10:15:30Z")
    answer = shop.caller().status()
    assert answer.has_active_package
    assert answer.details.days_left == 25


@pytest.mark.parametrize("time, days_left", [
    ("2023-01-20T10:15:31Z", 30), ("2023-01-21T10:15:29Z", 30), ("2023-01-21T10:15:30Z", 29),
    ("2023-01-21T10:15:31Z", 29), ("2023-02-18T10:15:29Z", 2), ("2023-02-18T10:15:30Z", 1),
    ("2023-02-19T10:15:29Z", 1),
])
def test_a_day_that_has_begun_counts(shop, time, days_left):
    purchase = shop.buy(BASIC)
    # Answered before, so that what is kept has to be let go.
    assert shop.caller().status().details.days_left == 30
    shop.clock.set(time)
    assert shop.caller().status().details.days_left == days_left
    assert shop.caller().purchases() == [purchase]


def test_a_package_ends_on_the_second(shop):
    shop.buy(BASIC)
    shop.clock.set("2023-02-19T10:15:29Z")
    assert shop.caller().status().has_active_package
    assert shop.caller().entitlement("Standard listings").is_entitled
    shop.clock.advance(seconds=1)
    answer = shop.caller().status()
    assert not answer.has_active_package and not answer.HasField("details")
    assert not shop.caller().entitlement("Standard listings").is_entitled
    purchase, = shop.caller().purchases()
    assert not purchase.is_active
    assert text(purchase.end_time) == "2023-02-19T10:15:30Z"
    with refused("FAILED_PRECONDITION", "NO_ACTIVE_PACKAGE"):
        shop.caller().reserve("listing")
    # And is bought again, from then on.
    again = shop.buy(BASIC)
    assert text(again.start_time) == "2023-02-19T10:15:30Z"
    assert text(again.end_time) == "2023-03-21T10:15:30Z"
    assert again.credit == cents(0)


@pytest.mark.parametrize("start, end", [
    # Across a leap day, and across the hour that clocks go forward or back by.
    ("2024-02-15T00:00:00Z", "2024-03-16T00:00:00Z"),
    ("2023-02-15T00:00:00Z", "2023-03-17T00:00:00Z"),
    ("2023-03-25T12:00:00Z", "2023-04-24T12:00:00Z"),
    ("2023-10-28T12:00:00Z", "2023-11-27T12:00:00Z"),
    ("2023-12-31T23:59:59Z", "2024-01-30T23:59:59Z"),
])
def test_a_day_has_24_hours(shop, start, end):
    shop.clock.set(start)
    assert text(shop.buy(BASIC).end_time) == end


def test_half_of_a_package_is_credited_after_half_its_time(shop):
    shop.buy(BASIC)
    shop.clock.set("2023-02-04T10:15:30Z")
    quote = shop.caller().QuotePackageChange(package_id=PREMIUM).quote
    assert (quote.package_id, quote.current_package_id) == (PREMIUM, BASIC)
    # 4.995, rounded down.
    assert quote.price == cents(4999)
    assert quote.credit == cents(499)
    assert quote.amount_due == cents(4500)
    assert text(quote.start_time) == "2023-02-04T10:15:30Z"
    assert text(quote.end_time) == "2023-03-06T10:15:30Z"
    assert text(quote.expire_time) == "2023-02-04T10:25:30Z"
    shop.clock.advance(seconds=599)
    purchase = shop.buy(PREMIUM, quote_token=quote.quote_token)
    assert purchase.credit == cents(499) and purchase.amount_charged == cents(4500)
    assert (purchase.start_time, purchase.end_time) == (quote.start_time, quote.end_time)
    receipt = shop.caller().GetReceipt(number=purchase.receipt_number).receipt
    assert text(receipt.issue_time) == "2023-02-04T10:25:29Z"
    assert (receipt.start_time, receipt.end_time) == (quote.start_time, quote.end_time)


def test_a_quote_is_good_for_ten_minutes(shop):
    quote = shop.caller().QuotePackageChange(package_id=BASIC).quote
    shop.clock.advance(minutes=10)
    with refused("ABORTED", "QUOTE_EXPIRED") as error:
        shop.buy(BASIC, quote_token=quote.quote_token)
    assert error.message == "The quote has expired: ask for another"
    assert (error.details, error.info, error.retry_seconds) == ([], {}, None)
    assert shop.caller().purchases() == []


def test_a_payment_whose_answer_is_lost_is_found_by_a_retry_a_second_later(shop):
    request = {
        "credit_card": card(LOST_ANSWER_CARD, expiry_year=2031), "request_id": str(uuid.uuid4())}
    # The clock stands: to the reconciler, too, no time goes by.
    for _ in range(2):
        with refused("UNAVAILABLE", "PAYMENT_UNRESOLVED"):
            shop.buy(BASIC, **request)
    shop.clock.advance(seconds=1)
    purchase = shop.buy(BASIC, **request)
    assert purchase.is_active and purchase.amount_charged == cents(999)
    assert shop.caller().purchases() == [purchase]
    assert shop.buy(BASIC, **request) == purchase


@pytest.mark.parametrize("ask", [
    lambda caller: caller.QuotePackageChange(package_id=PREMIUM),
    lambda caller: caller.PurchasePackage(
        package_id=PREMIUM, credit_card=CARD, validate_only=True),
], ids=["quote", "dry run"])
def test_who_only_asks_finds_a_lost_answer_a_second_later(shop, ask):
    with refused("UNAVAILABLE", "PAYMENT_UNRESOLVED"):
        shop.buy(BASIC, credit_card=card(LOST_ANSWER_CARD, expiry_year=2031))
    with refused("ABORTED", "PAYMENT_UNDER_WAY"):
        ask(shop.caller())
    assert shop.caller().purchases() == []
    shop.clock.advance(seconds=1)
    ask(shop.caller())
    [purchase] = shop.caller().purchases()
    assert purchase.package_id == BASIC


def test_a_renewal_whose_answer_is_lost_is_not_charged_again_unless_it_is_named(shop):
    purchase = shop.buy(BASIC)
    advice = ": look at the purchase before you pay again"

    def renew(number, **fields):
        return shop.caller().RenewPackage(
            purchase_id=purchase.id, credit_card=card(number, expiry_year=2031), **fields).purchase

    with refused("UNAVAILABLE", "PAYMENT_UNRESOLVED") as error:
        renew(LOST_ANSWER_CARD)
    assert (error.message, error.retry_seconds) == (
        "The outcome of the payment is not known yet" + advice, None)
    assert error.metadata["grpc-retry-pushback-ms"] == "-1"
    with refused("ALREADY_EXISTS", "PURCHASE_UNDER_WAY"):
        shop.buy(BASIC)
    shop.clock.advance(seconds=1)
    with refused("ABORTED", "EARLIER_RENEWAL_PAID") as error:
        renew("4242 4242 4242 4242", request_id=str(uuid.uuid4()))
    assert error.message == "Your earlier renewal is paid" + advice
    assert error.metadata["grpc-retry-pushback-ms"] == "-1"
    assert error.details == [
        resource("Purchase", f"purchases/{purchase.id}", "It was renewed not long ago")]
    found, = shop.caller().purchases()
    assert text(found.end_time) == "2023-03-21T10:15:30Z"
    shop.clock.advance(seconds=10)
    assert text(renew("4242 4242 4242 4242").end_time) == "2023-04-20T10:15:30Z"


def test_a_renewal_goes_on_from_the_end_or_from_now(shop):
    purchase = shop.buy(BASIC)
    shop.clock.set("2023-02-01T00:00:00Z")
    renewed = shop.caller().RenewPackage(purchase_id=purchase.id, credit_card=CARD).purchase
    assert text(renewed.start_time) == "2023-01-20T10:15:30Z"
    assert text(renewed.end_time) == "2023-03-21T10:15:30Z"
    assert shop.caller().status().details.days_left == 49
    shop.clock.set("2023-06-01T00:00:00Z")
    assert not shop.caller().status().has_active_package
    renewed = shop.caller().RenewPackage(purchase_id=purchase.id, credit_card=CARD).purchase
    assert text(renewed.end_time) == "2023-07-01T00:00:00Z"
    assert renewed.is_active
    receipt = shop.caller().GetReceipt(number=renewed.receipt_number).receipt
    assert text(receipt.start_time) == "2023-06-01T00:00:00Z"


def test_a_card_is_good_to_the_end_of_its_month(shop):
    valid = card(expiry_month=1, expiry_year=2023)
    shop.clock.set("2023-01-31T23:59:59Z")
    shop.buy(BASIC, credit_card=valid)
    shop.clock.advance(seconds=1)
    with refused("INVALID_ARGUMENT", "PAYMENT_INVALID") as error:
        shop.buy(PROFESSIONAL, credit_card=valid)
    assert error.violations == {"credit_card.expiry_month": "Card has expired"}


def test_a_hold_frees_itself(shop):
    shop.buy(BASIC)
    seller = shop.caller()
    slot = seller.reserve("listing", ttl=60)
    assert text(slot.expire_time) == "2023-01-20T10:16:30Z"
    shop.clock.advance(seconds=59)
    assert seller.status().details.listings_used == 1
    shop.clock.advance(seconds=1)
    assert seller.status().details.listings_used == 0
    assert seller.status().details.listings_remaining == quota(10)
    with refused("NOT_FOUND", "SLOT_NOT_FOUND"):
        seller.commit("listing")
    assert seller.reserve("listing").state == pb.LISTING_STATE_HELD


def test_the_admin_finds_purchases_by_their_start(shop):
    for day, user in ((20, "10"), (21, "20"), (22, "30")):
        shop.clock.set(f"2023-01-{day}T10:15:30Z")
        shop.caller(user).buy(BASIC, credit_card=CARD)
    admin = shop.caller("1", "Admin")

    def users(**fields):
        return [purchase.user_id for purchase in admin.ListPurchases(**fields).purchases]

    second = admin.ListPurchases().purchases[1].start_time
    assert users() == ["30", "20", "10"]
    assert users(start_time_from=second) == ["30", "20"]
    assert users(start_time_until=second) == ["10"]
    shop.clock.set("2023-02-20T10:15:30Z")
    assert [
        purchase.user_id
        for purchase in shop.caller("1", "Admin").ListPurchases(active_only=True).purchases
    ] == ["30"]


def test_dates_outlive_a_restart(shop):
    purchase = shop.buy(BASIC)
    shop.clock.set("2023-01-25T10:15:30Z")
    shop.close()
    shop.open()
    assert shop.caller().purchases() == [purchase]
    assert shop.caller().status().details.days_left == 25
