"""Who may call what of SellerPackageService, and about whom."""

import grpc
import pytest
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.sellers import ANYONE, BASIC, METHODS, Sellers, card, seconds, unique
from packd_testing.tokens import ROLES, bearer, make_token

# About a user who is named in the request.
ABOUT_A_USER = {
    "CheckEntitlement": {},
    "ReserveListing": {"listing_id": "listing", "ttl": seconds(60)},
    "CommitListing": {"listing_id": "listing"},
    "ReleaseListing": {"listing_id": "listing"},
}

BAD_TOKENS = {
    "expired": bearer(make_token(ttl=-1)),
    "signed with another secret": bearer(make_token(secret="x" * 32)),
    "unsigned": bearer(make_token(secret=None, algorithm="none")),
    "no token": (("authorization", "Bearer x"),),
    "another scheme": (("authorization", "Basic dXNlcjpwYXNz"),),
    "empty": (("authorization", ""),),
}


def attempt(call):
    """The status code of a call that may succeed."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


@pytest.mark.parametrize("method", METHODS)
def test_only_what_is_for_anyone_can_be_called_without_token(daemon, method):
    with daemon.channel() as channel:
        nobody = Sellers(channel)
        for metadata in [(), *BAD_TOKENS.values()]:
            nobody.metadata = metadata
            if METHODS[method][2] is ANYONE:
                # An empty request is one without an id.
                expected = {"ListSellerPackages": "OK", "GetSellerPackage": "INVALID_ARGUMENT"}
                assert attempt(getattr(nobody, method)) == expected[method]
                continue
            with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as error:
                getattr(nobody, method)()
            assert error.message == "Missing or invalid token"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_its_roles_and_no_other(make_seller, method, role):
    # An empty request changes nothing, whoever may send it.
    code = attempt(getattr(make_seller(role), method))
    roles = METHODS[method][2]
    if roles is ANYONE or role in roles:
        assert code in ("OK", "INVALID_ARGUMENT")
    else:
        assert code == "PERMISSION_DENIED"


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_keeps_nobody_out_of_what_is_for_anyone(daemon, seller_admin, kind):
    hidden = seller_admin.create(is_active=False)
    with daemon.channel() as channel:
        caller = Sellers(channel)
        caller.metadata = BAD_TOKENS[kind]
        assert caller.GetSellerPackage(id=BASIC).seller_package.id == BASIC
        assert hidden not in caller.ListSellerPackages().seller_packages
        with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND"):
            caller.GetSellerPackage(id=hidden.id)
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as error:
            caller.ListSellerPackages(show_inactive=True)
        assert error.message == "Missing or invalid token"


@pytest.mark.parametrize("role", ROLES)
def test_what_is_not_on_sale_is_for_admins(make_seller, seller_admin, role):
    hidden = seller_admin.create(is_active=False)
    caller = make_seller(role)
    assert hidden not in caller.ListSellerPackages().seller_packages
    if role == "Admin":
        assert caller.GetSellerPackage(id=hidden.id).seller_package == hidden
        assert hidden in caller.ListSellerPackages(show_inactive=True).seller_packages
        return
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND") as error:
        caller.GetSellerPackage(id=hidden.id)
    assert error.message == "Package not found"
    with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
        caller.ListSellerPackages(show_inactive=True)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ABOUT_A_USER)
def test_only_a_service_asks_about_others(make_seller, method, role):
    owner, caller = make_seller(), make_seller(role)
    owner.buy(BASIC)
    owner.reserve("listing")
    call = getattr(caller, method)
    if role == "Service":
        call(user_id=owner.user, **ABOUT_A_USER[method])
    else:
        with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
            call(user_id=owner.user, **ABOUT_A_USER[method])
    # Whoever asks about themself is told that they have nothing.
    expected = {
        "CheckEntitlement": "OK", "ReleaseListing": "OK",
        "ReserveListing": "FAILED_PRECONDITION", "CommitListing": "FAILED_PRECONDITION",
    }
    assert attempt(
        lambda: call(user_id=caller.user, **ABOUT_A_USER[method])) == expected[method]


@pytest.mark.parametrize("role", ROLES)
def test_a_receipt_is_its_buyers_and_the_admins(make_seller, role):
    owner, other = make_seller(), make_seller(role)
    number = owner.buy(BASIC).receipt_number
    receipt = owner.GetReceipt(number=number).receipt
    assert (receipt.number, receipt.user_id) == (number, owner.user)
    if role == "Admin":
        assert other.GetReceipt(number=number).receipt == receipt
        return
    with refused("NOT_FOUND", "RECEIPT_NOT_FOUND") as error:
        other.GetReceipt(number=number)
    assert error.message == "Receipt not found"


def test_a_renewal_of_anothers_purchase_is_not_found(make_seller, seller_admin):
    purchase = make_seller().buy(BASIC)
    for caller in (make_seller(), seller_admin):
        with refused("NOT_FOUND", "PURCHASE_NOT_FOUND"):
            caller.RenewPackage(purchase_id=purchase.id, credit_card=card())


def test_a_user_is_one_whatever_the_roles_of_the_token(make_seller):
    user = unique("one")
    make_seller("Seller", sub=user).buy(BASIC)
    for role in ROLES:
        assert make_seller(role, sub=user).status().has_active_package
