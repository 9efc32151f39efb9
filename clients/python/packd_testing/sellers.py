"""Seller packages as tests call them."""

import datetime
import itertools

from google.protobuf import duration_pb2, field_mask_pb2
from packd.v1 import seller_package_service_pb2 as sellers

from .caller import Caller
from .plans import money, quota
from .tokens import ROLES

SERVICE = "/packd.v1.SellerPackageService/"

ANYONE = None
EVERYBODY = set(ROLES)

# Every method and the roles that may call it; request and response are named after it.
ROLES_OF = {
    "ListSellerPackages": ANYONE,
    "GetSellerPackage": ANYONE,
    "QuotePackageChange": EVERYBODY,
    "PurchasePackage": EVERYBODY,
    "RenewPackage": EVERYBODY,
    "ListMyPackages": EVERYBODY,
    "GetPackageStatus": EVERYBODY,
    "GetReceipt": EVERYBODY,
    # These four for a Service; for others, about themselves.
    "CheckEntitlement": EVERYBODY,
    "ReserveListing": EVERYBODY,
    "CommitListing": EVERYBODY,
    "ReleaseListing": EVERYBODY,
    "CreateSellerPackage": {"Admin"},
    "UpdateSellerPackage": {"Admin"},
    "DeleteSellerPackage": {"Admin"},
    "ListUnresolvedPayments": {"Admin"},
    "ListPurchases": {"Admin"},
}

METHODS = {
    method: (getattr(sellers, f"{method}Request"), getattr(sellers, f"{method}Response"), roles)
    for method, roles in ROLES_OF.items()
}

# What an empty store starts with: id, name, price in cents, listings.
SEEDED = (
    (1, "Basic Seller", 999, 10),
    (2, "Professional Seller", 2499, 30),
    (3, "Premium Seller", 4999, 100),
)
BASIC, PROFESSIONAL, PREMIUM = 1, 2, 3
FEATURES = {
    BASIC: ["Standard listings", "Sales overview", "Email support"],
    PROFESSIONAL: [
        "Standard listings", "Featured listings", "Sales overview", "Sales statistics",
        "Priority support",
    ],
    PREMIUM: [
        "Standard listings", "Featured listings", "Listings on the front page", "Sales overview",
        "Sales statistics", "Bulk upload", "Personal support",
    ],
}

# The sandbox charges it.
GOOD_CARD = "4242 4242 4242 4242"
# Declined by it: the number, and the code that it gives.
DECLINED_CARDS = {
    "4000 0000 0000 0002": "generic_decline",
    "4000 0000 0000 9995": "insufficient_funds",
    "4000 0000 0000 0119": "processing_error",
}
# Charged by it, but the answer is lost.
LOST_ANSWER_CARD = "4000 0099 0000 0020"
# Not charged, and the sandbox does not say so: the payment is open until it was looked for twice
# in vain, for a minute or so.
SILENT_CARD = "4000 0099 0000 0012"
# Not reached, so that nothing is charged; and never charged, whoever pays.
UNREACHABLE_CARD = "4000 0099 0000 0046"
REFUSED_CARD = "4000 0099 0000 0053"

_numbers = itertools.count(1)


def unique(prefix):
    """A text that no other test uses."""
    return f"{prefix}-{next(_numbers)}"


def card(number=GOOD_CARD, **fields):
    """A card that is in order, with some fields as given."""
    values = {
        "number": number, "expiry_month": 12,
        "expiry_year": datetime.datetime.now(datetime.timezone.utc).year + 2, "cvv": "123",
        "holder_name": "A. Seller", **fields,
    }
    return sellers.CreditCard(**values)


def paypal(token="sandbox-approved"):
    return sellers.PayPal(approval_token=token)


def cents(count, currency_code="USD"):
    return money(count // 100, count % 100 * 10_000_000, currency_code)


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def seconds(count):
    return duration_pb2.Duration(seconds=count)


def make_seller_package(**fields):
    """A valid package to create, with some fields as given; None leaves one out."""
    values = {
        "name": unique("Package"),
        "description": "For tests",
        "price": cents(1500),
        "duration_days": 30,
        "listing_limit": quota(5),
        "features": ["Standard listings", "Zürich"],
        "is_active": True,
        **fields,
    }
    return sellers.SellerPackage(**{k: v for k, v in values.items() if v is not None})


class Sellers(Caller):
    """Callers of SellerPackageService, each of a user of their own unless one is given."""

    SERVICE = SERVICE
    METHODS = METHODS

    def __init__(self, channel, role="Seller", sub=None, **claims):
        self.user = sub or unique("seller")
        super().__init__(channel, role=role, sub=self.user, **claims)

    def create(self, **fields):
        """A new package, as it was written."""
        return self.CreateSellerPackage(
            seller_package=make_seller_package(**fields)).seller_package

    def buy(self, package_id, **fields):
        """The purchase; with the sandbox's good card unless something else is given."""
        payment = {} if {"credit_card", "paypal"} & set(fields) else {"credit_card": card()}
        return self.PurchasePackage(package_id=package_id, **payment, **fields).purchase

    def status(self):
        return self.GetPackageStatus()

    def purchases(self):
        return list(self.ListMyPackages().purchases)

    def reserve(self, listing, ttl=3600, **fields):
        return self.ReserveListing(
            **{"user_id": self.user, "listing_id": listing, "ttl": seconds(ttl), **fields}).slot

    def commit(self, listing, **fields):
        return self.CommitListing(
            **{"user_id": self.user, "listing_id": listing, **fields}).slot

    def release(self, listing, **fields):
        self.ReleaseListing(**{"user_id": self.user, "listing_id": listing, **fields})

    def entitlement(self, feature="", **fields):
        return self.CheckEntitlement(**{"user_id": self.user, "feature": feature, **fields})

    def all_pages(self, method, elements, **fields):
        """What every page has in its field `elements`."""
        found = []
        while True:
            page = getattr(self, method)(**fields)
            found.extend(getattr(page, elements))
            if not page.next_page_token:
                return found
            fields["page_token"] = page.next_page_token
