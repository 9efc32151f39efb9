"""The five calls that sellers begin with, and each documented answer of them, word for word."""

import pytest
from packd.v1 import seller_package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.plans import money, quota
from packd_testing.sellers import (
    BASIC, DECLINED_CARDS, FEATURES, PREMIUM, PROFESSIONAL, SEEDED, Sellers, card, cents, paypal)

DAY = 24 * 3600
NO_PACKAGE = 999_999


@pytest.fixture
def nobody(daemon):
    """Who has no token."""
    with daemon.channel() as channel:
        caller = Sellers(channel)
        caller.metadata = ()
        yield caller


# GET /api/packages

def test_the_packages_on_sale_are_listed_without_a_token(nobody):
    answer = nobody.ListSellerPackages()
    assert answer.next_page_token == ""
    listed = answer.seller_packages
    assert [(package.id, package.name) for package in listed] == [
        (number, name) for number, name, _, _ in SEEDED]
    for package, (_, _, price, listings) in zip(listed, SEEDED):
        assert package.price == cents(price)
        assert package.duration_days == 30
        assert package.listing_limit == quota(listings)
        assert package.is_active
        assert list(package.features) == FEATURES[package.id]
        assert package.description and package.etag
        assert package.create_time == package.update_time


# GET /api/packages/:id

@pytest.mark.parametrize("number", [BASIC, PROFESSIONAL, PREMIUM])
def test_one_package_is_read_without_a_token(nobody, number):
    package = nobody.GetSellerPackage(id=number).seller_package
    assert package == nobody.ListSellerPackages().seller_packages[number - 1]


def test_a_package_that_is_not_there_is_not_found(nobody):
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND") as error:
        nobody.GetSellerPackage(id=NO_PACKAGE)
    assert error.message == "Package not found"


@pytest.mark.parametrize("number", [0, -1, -2**63])
def test_an_id_is_positive(nobody, number):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["id"]) as error:
        nobody.GetSellerPackage(id=number)
    assert error.violations == {"id": "must be 1 or more"}


# POST /api/packages/:id/purchase

def test_a_package_is_bought_with_a_card(seller):
    answer = seller.PurchasePackage(package_id=BASIC, credit_card=card())
    assert answer.message == "Package purchased successfully"
    purchase = answer.purchase
    assert purchase.id > 0
    assert purchase.user_id == seller.user
    assert (purchase.package_id, purchase.package_name) == (BASIC, "Basic Seller")
    assert purchase.end_time.seconds - purchase.start_time.seconds == 30 * DAY
    assert purchase.end_time.nanos == purchase.start_time.nanos
    assert purchase.is_active
    assert purchase.listing_limit == quota(10)
    assert purchase.listings_used == 0
    assert list(purchase.features) == FEATURES[BASIC]
    assert purchase.transaction_id.startswith("tr_") and len(purchase.transaction_id) > 3
    assert purchase.amount_charged == money(9, 990_000_000)
    assert purchase.credit == money(0)
    assert purchase.payment_method == pb.PAYMENT_METHOD_CREDIT_CARD
    assert purchase.receipt_number.startswith("A-")
    assert purchase.etag


def test_a_package_is_bought_with_paypal(seller):
    answer = seller.PurchasePackage(package_id=PREMIUM, paypal=paypal())
    assert answer.message == "Package purchased successfully"
    assert answer.purchase.payment_method == pb.PAYMENT_METHOD_PAYPAL
    assert answer.purchase.amount_charged == cents(4999)


def test_no_package_is_bought_that_is_not_there(seller):
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND") as error:
        seller.PurchasePackage(package_id=NO_PACKAGE, credit_card=card())
    assert error.message == "Package not found"
    assert seller.purchases() == []


def test_nobody_buys_without_a_token(nobody):
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as error:
        nobody.PurchasePackage(package_id=BASIC, credit_card=card())
    assert error.message == "Missing or invalid token"


def test_the_package_that_one_has_is_not_bought_again(seller):
    bought = seller.buy(BASIC)
    with refused("ALREADY_EXISTS", "PACKAGE_ALREADY_ACTIVE") as error:
        seller.buy(BASIC)
    assert error.message == "You already have an active package of this type"
    assert seller.purchases() == [bought]


@pytest.mark.parametrize("number, code", DECLINED_CARDS.items())
def test_a_declined_payment_gives_nothing(seller, number, code):
    with refused("FAILED_PRECONDITION", "CARD_DECLINED") as error:
        seller.buy(BASIC, credit_card=card(number))
    assert error.message == "Payment processing failed"
    assert error.info == {"decline_code": code}
    assert number.replace(" ", "") not in str(error.status)
    assert seller.purchases() == [] and not seller.status().has_active_package
    # Another card is as good as ever.
    assert seller.buy(BASIC).is_active


PAYMENT_FAULTS = {
    "no payment": ({}, {"payment_method": "is required: set credit_card or paypal"}),
    "no number": ({"number": ""}, {"credit_card.number": "Invalid card number"}),
    "a wrong last digit": (
        {"number": "4242 4242 4242 4241"}, {"credit_card.number": "Invalid card number"}),
    "too few digits": ({"number": "4242 4242 42"}, {"credit_card.number": "Invalid card number"}),
    "a length that the brand has not": (
        {"number": "3782 8224 6310 0050"}, {"credit_card.number": "Invalid card number"}),
    "letters": ({"number": "4242x4242x4242x4242"}, {"credit_card.number": "Invalid card number"}),
    "no code": ({"cvv": ""}, {"credit_card.cvv": "CVV is required"}),
    "a code that is too short": ({"cvv": "12"}, {"credit_card.cvv": "Invalid CVV"}),
    "a code that is too long": ({"cvv": "1234"}, {"credit_card.cvv": "Invalid CVV"}),
    "a code of letters": ({"cvv": "abc"}, {"credit_card.cvv": "Invalid CVV"}),
    "a short code of a brand with a long one": (
        {"number": "3782 822463 10005", "cvv": "123"}, {"credit_card.cvv": "Invalid CVV"}),
    "a year that is over": ({"expiry_year": 2020}, {"credit_card.expiry_year": "Card has expired"}),
    "no month": ({"expiry_month": 0}, {"credit_card.expiry_month": "Invalid expiry month"}),
    "a 13th month": ({"expiry_month": 13}, {"credit_card.expiry_month": "Invalid expiry month"}),
    "a year of two digits": (
        {"expiry_year": 30}, {"credit_card.expiry_year": "Invalid expiry year"}),
    "all of it": (
        {"number": "1", "cvv": "x", "expiry_month": 99, "expiry_year": -1},
        {
            "credit_card.number": "Invalid card number", "credit_card.cvv": "Invalid CVV",
            "credit_card.expiry_month": "Invalid expiry month",
            "credit_card.expiry_year": "Invalid expiry year",
        }),
}


@pytest.mark.parametrize("fault", PAYMENT_FAULTS)
def test_every_fault_of_a_payment_is_told(seller, fault):
    fields, violations = PAYMENT_FAULTS[fault]
    payment = {"credit_card": card(**fields)} if fields else {}
    for validate_only in (False, True):
        with refused("INVALID_ARGUMENT", "PAYMENT_INVALID") as error:
            seller.PurchasePackage(package_id=BASIC, validate_only=validate_only, **payment)
        assert error.message == "Payment validation failed"
        assert error.violations == violations
    assert seller.purchases() == []


@pytest.mark.parametrize("token", ["", "a\nb", "x" * 257])
def test_a_paypal_payment_has_an_approval_token(seller, token):
    with refused("INVALID_ARGUMENT", "PAYMENT_INVALID") as error:
        seller.buy(BASIC, paypal=paypal(token))
    assert error.message == "Payment validation failed"
    assert error.violations == {
        "paypal.approval_token": "must be 1 to 256 printable characters"}


@pytest.mark.parametrize("number, cvv", [
    ("4242424242424242", "123"), ("4242-4242-4242-4242", "123"), ("4222222222222", "123"),
    ("5555 5555 5555 4444", "123"), ("2223003122003222", "123"), ("378282246310005", "1234"),
    ("6011111111111117", "123"), ("3056930009020004", "123"), ("3566002020360505", "123"),
])
def test_cards_of_every_brand_are_taken(seller, number, cvv):
    assert seller.buy(BASIC, credit_card=card(number, cvv=cvv)).is_active


# GET /api/packages/my-packages

def test_who_bought_nothing_has_no_packages(seller):
    answer = seller.ListMyPackages()
    assert list(answer.purchases) == [] and answer.next_page_token == ""


def test_purchases_are_told_newest_first(seller):
    first = seller.buy(BASIC)
    seller.reserve("listing-1")
    second = seller.buy(PREMIUM)
    newest, oldest = seller.purchases()
    assert newest == second and newest.is_active
    assert (oldest.id, oldest.package_name) == (first.id, "Basic Seller")
    assert not oldest.is_active
    assert oldest.end_time == second.start_time
    assert (oldest.listings_used, newest.listings_used) == (1, 0)
    assert oldest.transaction_id == first.transaction_id != newest.transaction_id
    assert oldest.etag != first.etag
    # What was left of 9.99 was credited.
    due = newest.amount_charged.units * 10**9 + newest.amount_charged.nanos
    credit = newest.credit.units * 10**9 + newest.credit.nanos
    assert due + credit == 49_990_000_000
    assert 9_900_000_000 < credit <= 9_990_000_000


def test_nobody_sees_the_purchases_of_another(seller, make_seller):
    seller.buy(BASIC)
    assert make_seller().purchases() == []


# GET /api/packages/status

def test_without_a_package_the_status_has_no_details(seller):
    answer = seller.status()
    assert not answer.has_active_package
    assert not answer.HasField("details")


def test_the_status_tells_what_is_left(seller):
    purchase = seller.buy(PROFESSIONAL)
    for listing in ("a", "b", "c"):
        seller.reserve(listing)
    seller.commit("a")
    seller.release("b")
    for _ in range(3):
        answer = seller.status()
        assert answer.has_active_package
        assert answer.details == pb.SellerPackageStatus(
            purchase_id=purchase.id, package_id=PROFESSIONAL, package_name="Professional Seller",
            start_time=purchase.start_time, end_time=purchase.end_time, days_left=30,
            listing_limit=quota(30), listings_used=2, listings_remaining=quota(28),
            features=purchase.features)
