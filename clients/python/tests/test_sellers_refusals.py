"""Every refusal of SellerPackageService, word for word: code, message and details."""

import re
import uuid
from dataclasses import dataclass, field

import pytest
from packd_testing.daemon import REPOSITORY
from packd_testing.errors import (
    bad_request, precondition, quota_failure, refused, resource)
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.sellers import (
    BASIC, PREMIUM, PROFESSIONAL, REFUSED_CARD, SILENT_CARD, UNREACHABLE_CARD, Sellers, card,
    cents, mask)

NO_PACKAGE = 999_999
# Whose scene has to be set elsewhere: by a clock, and by a gateway that is slow.
ELSEWHERE = {
    "QUOTE_EXPIRED": "clients/python/tests/test_sellers_dates.py",
    "EARLIER_RENEWAL_PAID": "clients/python/tests/test_sellers_dates.py",
    "PAYMENT_RETURNED": "Tests/IntegrationTests/payments/test_stripe.py",
}


@dataclass
class Told:
    """What comes with a refusal, and nothing else does."""

    code: str
    message: str
    details: list = field(default_factory=list)
    # Metadata of the ErrorInfo.
    info: dict = field(default_factory=dict)
    # Between which seconds a retry is asked for.
    retry: tuple | None = None


# Of each reason: sets its scene; gives the call that is refused, and what it is told.
CASES = {}


def case(reason):
    def add(scene):
        CASES.setdefault(reason, []).append(scene)
        return scene
    return add


class Scene:
    """Who calls: a seller without a package, an Admin, and who has no token."""

    def __init__(self, seller, admin, channel):
        self.seller = seller
        self.admin = admin
        self.nobody = Sellers(channel)
        self.nobody.metadata = ()

    def leave_open(self, package):
        """Begins a payment that has no outcome for a while; gives its intent's id."""
        with refused("UNAVAILABLE", "PAYMENT_UNRESOLVED"):
            self.seller.buy(package, credit_card=card(SILENT_CARD))
        payment, = self.admin.ListUnresolvedPayments(user_id=self.seller.user).payments
        return payment.intent_id


@pytest.fixture
def scene(daemon, seller, seller_admin):
    with daemon.channel() as channel:
        yield Scene(seller, seller_admin, channel)


# MARK: What every method may say


@case("UNAUTHENTICATED")
def no_token(scene):
    return lambda: scene.nobody.buy(BASIC), Told("UNAUTHENTICATED", "Missing or invalid token")


@case("PERMISSION_DENIED")
def not_for_all(scene):
    return lambda: scene.seller.ListSellerPackages(show_inactive=True), Told(
        "PERMISSION_DENIED", "None of the caller's roles allows this call")


@case("INVALID_FIELDS")
def no_id(scene):
    return lambda: scene.nobody.GetSellerPackage(), Told(
        "INVALID_ARGUMENT", "Invalid request: id must be 1 or more",
        [bad_request({"id": "must be 1 or more"})])


@case("INVALID_FIELDS")
def bad_fields(scene):
    return lambda: scene.seller.ListMyPackages(page_size=-1, page_token="x"), Told(
        "INVALID_ARGUMENT", "Invalid request: page_size must not be negative (and 1 more)",
        [bad_request({
            "page_size": "must not be negative",
            "page_token": "must be the next_page_token of a page of the same query, or empty",
        })])


@case("IDEMPOTENCY_MISMATCH")
def other_request(scene):
    request_id = str(uuid.uuid4())
    scene.seller.buy(BASIC, request_id=request_id)
    return lambda: scene.seller.buy(PREMIUM, request_id=request_id), Told(
        "INVALID_ARGUMENT", "request_id was used for a different request")


# MARK: Purchases


@case("SELLER_PACKAGE_NOT_FOUND")
def no_package_to_read(scene):
    return lambda: scene.nobody.GetSellerPackage(id=NO_PACKAGE), Told(
        "NOT_FOUND", "Package not found",
        [resource("SellerPackage", f"sellerPackages/{NO_PACKAGE}", "Package not found")])


@case("SELLER_PACKAGE_NOT_FOUND")
def no_package_to_buy(scene):
    return lambda: scene.seller.buy(NO_PACKAGE), Told(
        "NOT_FOUND", "Package not found",
        [resource("SellerPackage", f"sellerPackages/{NO_PACKAGE}", "Package not found")])


@case("PAYMENT_INVALID")
def bad_card(scene):
    def call():
        scene.seller.buy(
            BASIC, credit_card=card("4242 4242 4242 4241", cvv="12"), request_id="x" * 129)

    return call, Told(
        "INVALID_ARGUMENT", "Payment validation failed",
        [bad_request({
            "request_id": "must be at most 128 printable characters",
            "credit_card.number": "Invalid card number",
            "credit_card.cvv": "Invalid CVV",
        })])


@case("PACKAGE_ALREADY_ACTIVE")
def bought_before(scene):
    scene.seller.buy(BASIC)
    return lambda: scene.seller.buy(BASIC), Told(
        "ALREADY_EXISTS", "You already have an active package of this type",
        [resource("SellerPackage", "sellerPackages/1", "It is the current package")])


@case("PURCHASE_UNDER_WAY")
def the_same_is_under_way(scene):
    scene.leave_open(BASIC)
    return lambda: scene.seller.buy(BASIC), Told(
        "ALREADY_EXISTS", "A purchase of this package is under way",
        [resource("SellerPackage", "sellerPackages/1", "It is being paid")], retry=(1, 2))


@case("PAYMENT_UNDER_WAY")
def another_is_under_way(scene):
    scene.leave_open(BASIC)
    return lambda: scene.seller.buy(PREMIUM), Told(
        "ABORTED", "Another payment of yours is under way", retry=(1, 2))


@case("CURRENCY_MISMATCH")
def sold_in_another_currency(scene):
    euro = scene.admin.create(price=cents(1000, "EUR"))
    scene.seller.buy(BASIC)
    message = "The current package was sold in USD, this one is sold in EUR"
    return lambda: scene.seller.buy(euro.id), Told(
        "FAILED_PRECONDITION", message, [precondition("CURRENCY_MISMATCH", "current", message)])


@case("LISTINGS_EXCEED_LIMIT")
def too_many_listings(scene):
    scene.seller.buy(PROFESSIONAL)
    for number in range(11):
        scene.seller.reserve(f"listing-{number}")
    message = "11 listings are in use, and the package has 10: release some first"
    return lambda: scene.seller.buy(BASIC), Told(
        "FAILED_PRECONDITION", message,
        [precondition("LISTINGS_EXCEED_LIMIT", "listings", message)])


@case("QUOTE_CHANGED")
def quoted_before_something_else(scene):
    quote = scene.seller.QuotePackageChange(package_id=PREMIUM).quote
    scene.seller.buy(BASIC)
    return lambda: scene.seller.buy(PREMIUM, quote_token=quote.quote_token), Told(
        "ABORTED", "The quote no longer holds: ask for another")


@case("CARD_DECLINED")
def declined(scene):
    return lambda: scene.seller.buy(BASIC, credit_card=card("4000 0000 0000 9995")), Told(
        "FAILED_PRECONDITION", "Payment processing failed",
        info={"decline_code": "insufficient_funds"})


@case("PAYMENT_REFUSED")
def never_charged(scene):
    return lambda: scene.seller.buy(BASIC, credit_card=card(REFUSED_CARD)), Told(
        "FAILED_PRECONDITION", "The payment cannot be made; nothing was charged",
        info={"refusal_code": "amount_too_small"})


@case("PAYMENT_GATEWAY_UNAVAILABLE")
def gateway_not_reached(scene):
    return lambda: scene.seller.buy(BASIC, credit_card=card(UNREACHABLE_CARD)), Told(
        "UNAVAILABLE", "Payments are not available; nothing was charged", retry=(2, 4))


@case("PAYMENT_UNRESOLVED")
def no_answer(scene):
    request = {"credit_card": card(SILENT_CARD), "request_id": str(uuid.uuid4())}
    with refused("UNAVAILABLE", "PAYMENT_UNRESOLVED"):
        scene.seller.buy(BASIC, **request)
    payment, = scene.admin.ListUnresolvedPayments(user_id=scene.seller.user).payments
    return lambda: scene.seller.buy(BASIC, **request), Told(
        "UNAVAILABLE", "The outcome of the payment is not known yet",
        info={"intent_id": payment.intent_id}, retry=(5, 10))


# MARK: Renewals and receipts


@case("PURCHASE_NOT_FOUND")
def no_purchase(scene):
    return lambda: scene.seller.RenewPackage(purchase_id=999_999, credit_card=card()), Told(
        "NOT_FOUND", "Purchase not found",
        [resource("Purchase", "purchases/999999", "Purchase not found")])


@case("PURCHASE_NOT_CURRENT")
def replaced(scene):
    first = scene.seller.buy(BASIC)
    scene.seller.buy(PREMIUM)
    message = "Another package is the current one"
    return lambda: scene.seller.RenewPackage(purchase_id=first.id, credit_card=card()), Told(
        "FAILED_PRECONDITION", message,
        [precondition("PURCHASE_NOT_CURRENT", f"purchases/{first.id}", message)])


@case("RENEWED_TOO_FAR")
def renewed_for_years(scene):
    long = scene.admin.create(duration_days=2000)
    bought = scene.seller.buy(long.id)
    message = "A package cannot be renewed more than 3660 days ahead"
    return lambda: scene.seller.RenewPackage(purchase_id=bought.id, credit_card=card()), Told(
        "FAILED_PRECONDITION", message, [precondition("RENEWED_TOO_FAR", "end_time", message)])


@case("RECEIPT_NOT_FOUND")
def no_receipt(scene):
    return lambda: scene.seller.GetReceipt(number="A-999999"), Told(
        "NOT_FOUND", "Receipt not found",
        [resource("Receipt", "receipts/A-999999", "Receipt not found")])


# MARK: Listings


@case("NO_ACTIVE_PACKAGE")
def no_package(scene):
    message = "The user has no active package"
    return lambda: scene.seller.reserve("listing"), Told(
        "FAILED_PRECONDITION", message,
        [precondition("NO_ACTIVE_PACKAGE", f"users/{scene.seller.user}", message)])


@case("LISTING_LIMIT_REACHED")
def no_slot_left(scene):
    scene.seller.buy(BASIC)
    for number in range(10):
        scene.seller.reserve(f"listing-{number}")
    return lambda: scene.seller.reserve("one-more"), Told(
        "RESOURCE_EXHAUSTED", "Listing limit reached",
        [quota_failure(
            f"users/{scene.seller.user}/listings",
            "The package has 10 listings, and all are in use")])


@case("SLOT_NOT_FOUND")
def no_slot(scene):
    scene.seller.buy(BASIC)
    return lambda: scene.seller.commit("listing"), Told(
        "NOT_FOUND", "The listing has no slot",
        [resource("ListingSlot", "listings/listing", "No slot, or it has expired")])


# MARK: Offers


@case("SELLER_PACKAGE_NAME_TAKEN")
def name_taken(scene):
    package = scene.admin.create()
    return lambda: scene.admin.create(name=package.name), Told(
        "ALREADY_EXISTS", f'A seller package named "{package.name}" exists',
        [resource("SellerPackage", f"sellerPackages/{package.id}", "It has this name")])


@case("ETAG_MISMATCH")
def changed_meanwhile(scene):
    package = scene.admin.create()
    scene.admin.UpdateSellerPackage(
        seller_package={"id": package.id, "description": "Changed"},
        update_mask=mask("description"))
    return lambda: scene.admin.DeleteSellerPackage(id=package.id, etag=package.etag), Told(
        "ABORTED", "The etag is not current: the package has changed",
        [resource(
            "SellerPackage", f"sellerPackages/{package.id}",
            "Read it again for its current etag")])


@case("SELLER_PACKAGE_IN_USE")
def somebodys(scene):
    package = scene.admin.create()
    scene.seller.buy(package.id)
    message = "The package is the current one of users"
    return lambda: scene.admin.DeleteSellerPackage(id=package.id), Told(
        "FAILED_PRECONDITION", message,
        [precondition("SELLER_PACKAGE_IN_USE", f"sellerPackages/{package.id}", message)])


# MARK: The tests


@pytest.mark.parametrize(
    "reason, set_scene",
    [(reason, set_scene) for reason, scenes in CASES.items() for set_scene in scenes],
    ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_a_refusal_is_told_word_for_word(scene, reason, set_scene):
    call, told = set_scene(scene)
    with refused(told.code, reason) as error:
        call()
    assert error.message == told.message
    assert error.details == told.details
    assert error.info == told.info
    if told.retry is None:
        assert error.retry_seconds is None
        return
    least, most = told.retry
    assert least <= error.retry_seconds < most
    # gRPC's own retries obey this one.
    pushback = int(error.metadata["grpc-retry-pushback-ms"])
    assert pushback == round(error.retry_seconds * 1000)


def test_no_reason_is_left_out():
    tables = [
        path for path in (REPOSITORY / "Sources" / "Services").glob("StatusMapping+*.swift")
        if path.name != "StatusMapping+Packages.swift"]
    reasons = {
        reason for path in tables
        for reason in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', path.read_text(encoding="utf-8"))}
    assert len(reasons) > 20, "no table is read"
    assert reasons <= set(CASES) | set(ELSEWHERE)
    for reason, path in ELSEWHERE.items():
        assert f'"{reason}"' in (REPOSITORY / path).read_text(encoding="utf-8"), path
