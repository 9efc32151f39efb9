"""Changes of package: quotes, upgrades, renewals, and their receipts."""

import pytest
from packd.v1 import seller_package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.plans import money, quota
from packd_testing.sellers import (
    BASIC, PREMIUM, PROFESSIONAL, Sellers, card, cents, paypal, unique)

DAY = 24 * 3600


def total(*amounts):
    """In billionths of one currency."""
    assert len({amount.currency_code for amount in amounts}) == 1
    return sum(amount.units * 10**9 + amount.nanos for amount in amounts)


def test_a_first_package_is_quoted_at_its_price(seller):
    quote = seller.QuotePackageChange(package_id=PROFESSIONAL).quote
    assert (quote.package_id, quote.current_package_id) == (PROFESSIONAL, 0)
    assert quote.price == quote.amount_due == cents(2499)
    assert quote.credit == cents(0)
    assert quote.end_time.seconds - quote.start_time.seconds == 30 * DAY
    assert quote.expire_time.seconds - quote.start_time.seconds == 600
    assert seller.purchases() == []
    purchase = seller.buy(PROFESSIONAL, quote_token=quote.quote_token)
    assert (purchase.start_time, purchase.end_time) == (quote.start_time, quote.end_time)


def test_a_purchase_is_made_at_its_quote(seller):
    seller.buy(BASIC)
    quote = seller.QuotePackageChange(package_id=PREMIUM).quote
    assert quote.current_package_id == BASIC
    assert total(quote.amount_due, quote.credit) == total(quote.price) == 49_990_000_000
    # The clock has gone on, and what is left of the current package has become less.
    purchase = seller.buy(PREMIUM, quote_token=quote.quote_token)
    assert (purchase.amount_charged, purchase.credit) == (quote.amount_due, quote.credit)
    assert (purchase.start_time, purchase.end_time) == (quote.start_time, quote.end_time)
    with refused("ALREADY_EXISTS", "PACKAGE_ALREADY_ACTIVE"):
        seller.buy(PREMIUM, quote_token=quote.quote_token)


def test_a_quote_does_not_outlive_what_it_rests_on(seller, seller_admin):
    package = seller_admin.create()
    quote = seller.QuotePackageChange(package_id=package.id).quote
    # Bought at it, or not at all: the package has changed, and then what the user has.
    seller_admin.UpdateSellerPackage(
        seller_package={"id": package.id, "price": cents(1)}, update_mask={"paths": ["price"]})
    with refused("ABORTED", "QUOTE_CHANGED") as error:
        seller.buy(package.id, quote_token=quote.quote_token)
    assert error.message == "The quote no longer holds: ask for another"
    quote = seller.QuotePackageChange(package_id=package.id).quote
    seller.buy(BASIC)
    with refused("ABORTED", "QUOTE_CHANGED"):
        seller.buy(package.id, quote_token=quote.quote_token)
    assert [purchase.package_id for purchase in seller.purchases()] == [BASIC]


def test_a_quote_is_its_users_and_its_packages_own(seller, make_seller):
    token = seller.QuotePackageChange(package_id=BASIC).quote.quote_token
    for caller, package, sent in (
        (make_seller(), BASIC, token), (seller, PREMIUM, token), (seller, BASIC, "x"),
        (seller, BASIC, token[:-2] + "AA"), (seller, BASIC, token + "A"),
    ):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["quote_token"]):
            caller.buy(package, quote_token=sent)
        assert caller.purchases() == []


def test_no_quote_for_the_package_that_one_has(seller):
    seller.buy(BASIC)
    with refused("ALREADY_EXISTS", "PACKAGE_ALREADY_ACTIVE") as error:
        seller.QuotePackageChange(package_id=BASIC)
    assert error.message == "You already have an active package of this type"
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["package_id"]):
        seller.QuotePackageChange()


def test_credit_is_at_most_the_price_and_then_nothing_is_to_pay(seller):
    seller.buy(PREMIUM)
    quote = seller.QuotePackageChange(package_id=BASIC).quote
    assert quote.credit == quote.price == cents(999)
    assert quote.amount_due == cents(0)
    answer = seller.PurchasePackage(package_id=BASIC)
    assert answer.message == "Package purchased successfully"
    assert answer.purchase.amount_charged == cents(0)
    assert answer.purchase.payment_method == pb.PAYMENT_METHOD_UNSPECIFIED
    assert answer.purchase.transaction_id == ""
    receipt = seller.GetReceipt(number=answer.purchase.receipt_number).receipt
    assert receipt.transaction_id == receipt.card_brand == receipt.card_last_four == ""


def test_a_package_that_is_too_small_for_ones_listings_is_refused(seller):
    seller.buy(PROFESSIONAL)
    for number in range(11):
        seller.reserve(f"listing-{number}")
    message = "11 listings are in use, and the package has 10: release some first"
    for call in (lambda: seller.buy(BASIC), lambda: seller.QuotePackageChange(package_id=BASIC)):
        with refused("FAILED_PRECONDITION", "LISTINGS_EXCEED_LIMIT") as error:
            call()
        assert error.message == message
        assert error.preconditions == {"listings": message}
    seller.release("listing-0")
    purchase = seller.buy(BASIC)
    assert purchase.listings_used == 0
    assert seller.status().details.listings_remaining == quota(10)


def test_another_currency_is_no_credit(seller, seller_admin):
    euro = seller_admin.create(price=cents(1000, "EUR"))
    seller.buy(BASIC)
    message = "The current package was sold in USD, this one is sold in EUR"
    with refused("FAILED_PRECONDITION", "CURRENCY_MISMATCH") as error:
        seller.buy(euro.id)
    assert error.message == message


def test_a_package_for_nothing_is_bought_with_nothing(seller, seller_admin):
    free = seller_admin.create(price=money(0))
    purchase = seller.buy(free.id, credit_card=None)
    assert purchase.is_active and purchase.amount_charged == money(0)


def test_a_renewal_adds_the_packages_time(seller):
    first = seller.buy(BASIC)
    seller.reserve("listing")
    renewed = seller.RenewPackage(purchase_id=first.id, paypal=paypal()).purchase
    assert renewed.id == first.id and renewed.start_time == first.start_time
    assert renewed.end_time.seconds - first.end_time.seconds == 30 * DAY
    assert renewed.amount_charged == cents(999) and renewed.credit == cents(0)
    assert renewed.payment_method == pb.PAYMENT_METHOD_PAYPAL
    assert renewed.listings_used == 1
    assert renewed.transaction_id != first.transaction_id
    assert renewed.receipt_number != first.receipt_number and renewed.etag != first.etag
    assert seller.purchases() == [renewed]
    assert seller.status().details.days_left == 60
    receipt = seller.GetReceipt(number=renewed.receipt_number).receipt
    assert (receipt.start_time, receipt.end_time) == (first.end_time, renewed.end_time)


def test_a_renewal_is_of_the_current_purchase(seller):
    first = seller.buy(BASIC)
    seller.buy(PREMIUM)
    with refused("FAILED_PRECONDITION", "PURCHASE_NOT_CURRENT") as error:
        seller.RenewPackage(purchase_id=first.id, credit_card=card())
    assert error.message == "Another package is the current one"
    assert error.preconditions == {f"purchases/{first.id}": error.message}
    with refused("NOT_FOUND", "PURCHASE_NOT_FOUND") as error:
        seller.RenewPackage(purchase_id=999_999, credit_card=card())
    assert error.message == "Purchase not found"
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["purchase_id"]):
        seller.RenewPackage(credit_card=card())


def test_a_renewal_that_was_answered_is_nothing_to_the_next_process(own_daemon):
    def renew():
        with own_daemon.channel() as channel:
            seller = Sellers(channel, sub="10")
            [purchase] = seller.purchases() or [seller.buy(BASIC)]
            renewed = seller.RenewPackage(purchase_id=purchase.id, credit_card=card()).purchase
            assert renewed.end_time.seconds - purchase.end_time.seconds == 30 * DAY

    own_daemon.start()
    renew()
    own_daemon.restart()
    renew()
    own_daemon.stop()


def test_a_renewal_is_paid_as_a_purchase_is(seller):
    purchase = seller.buy(BASIC)
    with refused("INVALID_ARGUMENT", "PAYMENT_INVALID") as error:
        seller.RenewPackage(purchase_id=purchase.id)
    assert error.message == "Payment validation failed"
    assert error.violations == {
        "payment_method": "is required: set credit_card or paypal"}
    with refused("FAILED_PRECONDITION", "CARD_DECLINED") as error:
        seller.RenewPackage(
            purchase_id=purchase.id, credit_card=card("4000 0000 0000 9995"))
    assert error.message == "Payment processing failed"
    assert seller.purchases() == [purchase]


def test_a_package_is_not_renewed_too_far_ahead(seller, seller_admin):
    package = seller_admin.create(duration_days=2000)
    purchase = seller.buy(package.id)
    with refused("FAILED_PRECONDITION", "RENEWED_TOO_FAR") as error:
        seller.RenewPackage(purchase_id=purchase.id, credit_card=card())
    assert error.message == "A package cannot be renewed more than 3660 days ahead"


def test_a_receipt_tells_what_was_paid(seller):
    seller.buy(BASIC)
    purchase = seller.buy(PREMIUM, credit_card=card("5555 5555 5555 4444"))
    receipt = seller.GetReceipt(number=purchase.receipt_number).receipt
    assert receipt.user_id == seller.user
    assert (receipt.purchase_id, receipt.package_id) == (purchase.id, PREMIUM)
    assert receipt.package_name == "Premium Seller"
    assert receipt.price == cents(4999)
    assert (receipt.credit, receipt.amount_charged) == (
        purchase.credit, purchase.amount_charged)
    assert (receipt.start_time, receipt.end_time) == (purchase.start_time, purchase.end_time)
    assert receipt.payment_method == pb.PAYMENT_METHOD_CREDIT_CARD
    assert (receipt.card_brand, receipt.card_last_four) == ("mastercard", "4444")
    assert receipt.transaction_id == purchase.transaction_id
    assert receipt.issue_time.seconds >= receipt.start_time.seconds
    # A later one takes nothing from it.
    seller.RenewPackage(purchase_id=purchase.id, credit_card=card())
    assert seller.GetReceipt(number=purchase.receipt_number).receipt == receipt


def test_numbers_of_receipts_have_no_gap(make_seller):
    numbers = []
    for position in range(6):
        caller = make_seller(sub=unique("payer"))
        if position % 2:
            with refused("FAILED_PRECONDITION", "CARD_DECLINED"):
                caller.buy(BASIC, credit_card=card("4000 0000 0000 0002"))
        else:
            series, _, number = caller.buy(BASIC).receipt_number.partition("-")
            assert series == "A" and len(number) == 6
            numbers.append(int(number))
    assert numbers == list(range(numbers[0], numbers[0] + 3))


@pytest.mark.parametrize("number", ["A-000000", "A-999999", "A-1", "B-000001", "-", "x" * 9999])
def test_what_is_no_receipts_number_is_not_found(seller_admin, number):
    with refused("NOT_FOUND", "RECEIPT_NOT_FOUND") as error:
        seller_admin.GetReceipt(number=number)
    assert error.message == "Receipt not found"


def test_a_receipts_number_is_required(seller):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        seller.GetReceipt()
    assert error.violations == {"number": "is required"}
