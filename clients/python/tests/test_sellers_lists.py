"""Lists of seller packages, purchases and payments, page by page."""

import pytest
from packd.v1 import seller_package_service_pb2 as pb
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.sellers import (
    BASIC, PREMIUM, PROFESSIONAL, SILENT_CARD, Sellers, card, cents, unique)

SIZES = (0, 1, 2, 3, 7, 1000, 2**31 - 1)


@pytest.fixture(scope="module")
def offers(seller_admin):
    """Every package that there is, by id: the seeded ones, and twelve more."""
    for number in range(12):
        seller_admin.create(is_active=number % 3 != 0)
    return list(seller_admin.ListSellerPackages(
        page_size=1000, show_inactive=True).seller_packages)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("show_inactive", [False, True])
def test_pages_of_packages_have_no_gap(seller_admin, offers, size, show_inactive):
    found = seller_admin.all_pages(
        "ListSellerPackages", "seller_packages", page_size=size, show_inactive=show_inactive)
    assert found == [offer for offer in offers if show_inactive or offer.is_active]
    assert [offer.id for offer in found] == sorted(offer.id for offer in found)


def test_a_page_is_as_long_as_it_may_be(seller_admin, offers):
    page = seller_admin.ListSellerPackages(page_size=4, show_inactive=True)
    assert len(page.seller_packages) == 4 and page.next_page_token
    # A package that is added behind the page is on the next one.
    added = seller_admin.create()
    rest = seller_admin.all_pages(
        "ListSellerPackages", "seller_packages", show_inactive=True,
        page_token=page.next_page_token)
    assert rest == [*offers[4:], added]
    seller_admin.DeleteSellerPackage(id=added.id)


@pytest.fixture(scope="module")
def bought(daemon, seller_admin):
    """Twenty purchases by four users, newest first, and who made them."""
    with daemon.channel() as channel:
        users = [Sellers(channel) for _ in range(4)]
        for package in (BASIC, PROFESSIONAL, PREMIUM, BASIC, PROFESSIONAL):
            for user in users:
                user.buy(package)
        yield users, seller_admin.all_pages("ListPurchases", "purchases", page_size=1000)


@pytest.mark.parametrize("size", SIZES)
def test_a_users_own_purchases_come_newest_first(bought, size):
    users, everything = bought
    for user in users:
        found = user.all_pages("ListMyPackages", "purchases", page_size=size)
        assert found == [purchase for purchase in everything if purchase.user_id == user.user]
        assert [purchase.id for purchase in found] == sorted(
            (purchase.id for purchase in found), reverse=True)
        assert [purchase.is_active for purchase in found] == [True] + [False] * 4


@pytest.mark.parametrize("size", (0, 1, 3, 1000))
@pytest.mark.parametrize("fields", [
    {}, {"active_only": True}, {"package_id": BASIC},
    {"package_id": PROFESSIONAL, "active_only": True}, {"package_id": 999_999},
    {"user_id": True}, {"user_id": True, "active_only": True}, {"user_id": "nobody"},
    {"user_id": True, "package_id": PREMIUM},
], ids=str)
def test_the_admin_finds_purchases(bought, seller_admin, fields, size):
    users, everything = bought
    fields = {k: users[1].user if v is True and k == "user_id" else v for k, v in fields.items()}
    found = seller_admin.all_pages("ListPurchases", "purchases", page_size=size, **fields)
    assert found == [
        purchase for purchase in everything
        if fields.get("user_id", purchase.user_id) == purchase.user_id
        and fields.get("package_id", purchase.package_id) == purchase.package_id
        and (purchase.is_active or not fields.get("active_only"))
    ]


def test_the_admin_finds_purchases_by_their_start(bought, seller_admin):
    _, everything = bought
    middle = everything[10].start_time
    late = seller_admin.all_pages("ListPurchases", "purchases", start_time_from=middle)
    early = seller_admin.all_pages("ListPurchases", "purchases", start_time_until=middle)
    assert late + early == everything
    assert late[-1].start_time == middle


def test_payments_without_an_outcome_are_the_admins_to_see(seller_admin, make_seller):
    payers = [make_seller(sub=unique("payer")) for _ in range(3)]
    found = []
    for payer in payers:
        with refused("UNAVAILABLE", "PAYMENT_UNRESOLVED") as error:
            payer.buy(BASIC, credit_card=card(SILENT_CARD))
        payment, = seller_admin.ListUnresolvedPayments(user_id=payer.user).payments
        assert error.info == {"intent_id": payment.intent_id}
        assert (payment.user_id, payment.package_id) == (payer.user, BASIC)
        assert payment.status == pb.PAYMENT_STATUS_UNKNOWN
        assert payment.amount == cents(999)
        assert payment.payment_method == pb.PAYMENT_METHOD_CREDIT_CARD
        assert (payment.card_brand, payment.card_last_four) == ("visa", "0012")
        assert payment.next_check_time.seconds >= payment.create_time.seconds
        found.append((payment.intent_id, payer.user))
    for size in (0, 1, 2):
        assert found == [
            (payment.intent_id, payment.user_id) for payment in seller_admin.all_pages(
                "ListUnresolvedPayments", "payments", page_size=size)]
    assert list(seller_admin.ListUnresolvedPayments(user_id="nobody").payments) == []


LISTS = {
    "ListSellerPackages": [{"show_inactive": True}],
    "ListMyPackages": [],
    "ListPurchases": [
        {"user_id": "u"}, {"package_id": BASIC}, {"active_only": True},
        {"start_time_from": {"seconds": 1}}, {"start_time_until": {"seconds": 2**33}},
    ],
    "ListUnresolvedPayments": [{"user_id": "u"}],
}


@pytest.mark.parametrize("method", LISTS)
def test_a_page_size_is_not_negative(seller_admin, method):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        getattr(seller_admin, method)(page_size=-1)
    assert error.violations == {"page_size": "must not be negative"}


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 10_000, "\u00e9"])
@pytest.mark.parametrize("method", LISTS)
def test_a_made_up_token_is_refused(seller_admin, method, token):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        getattr(seller_admin, method)(page_token=token)


def test_a_token_is_of_the_same_query_alone(bought, seller_admin, offers):
    users, _ = bought
    tokens = {
        method: getattr(seller_admin, method)(page_size=1).next_page_token
        for method in ("ListSellerPackages", "ListPurchases")
    }
    assert all(tokens.values())
    for method, changes in LISTS.items():
        for other, token in tokens.items():
            for change in changes if other == method else [{}]:
                with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
                    getattr(seller_admin, method)(page_token=token, **change)
    token = users[0].ListMyPackages(page_size=1).next_page_token
    assert users[0].ListMyPackages(page_token=token).purchases
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["page_token"]):
        users[1].ListMyPackages(page_token=token)


@pytest.mark.parametrize("fields, paths", [
    ({"user_id": "a\x07"}, ["user_id"]), ({"user_id": "x" * 257}, ["user_id"]),
    ({"package_id": -1}, ["package_id"]),
    ({"start_time_from": {"seconds": 2**62}}, ["start_time_from"]),
    ({"start_time_until": {"nanos": -1}}, ["start_time_until"]),
    ({"start_time_from": {"seconds": 5}, "start_time_until": {"seconds": 5}},
     ["start_time_until"]),
])
def test_a_filter_is_in_order(seller_admin, fields, paths):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", paths):
        seller_admin.ListPurchases(**fields)
