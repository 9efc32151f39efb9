"""Three short programs about seller packages.

example_sellers.py HOST:PORT TOKEN_FILE [buy|list|upgrade]...

With the token of a seller, and of a daemon whose payments are the sandbox's, which charges nobody.
Without a name all three run, one after the other.
"""

import base64
import json
import sys
import time
import uuid
from pathlib import Path

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status
from packd.v1 import seller_package_service_pb2 as pb
from packd.v1.seller_package_service_pb2_grpc import SellerPackageServiceStub

ATTEMPTS = 5


class Example:
    """A seller, and the service that sells packages to them."""

    def __init__(self, channel, token):
        self.sellers = SellerPackageServiceStub(channel)
        self.call = {"metadata": [("authorization", f"Bearer {token}")], "timeout": 10}
        # Whom the token names; the service checks it, and we only read it.
        claims = token.split(".")[1]
        claims += "=" * (-len(claims) % 4)
        self.user = str(json.loads(base64.urlsafe_b64decode(claims))["sub"])

    def packages(self):
        """What is on sale, the cheapest first; anyone may ask, also without a token."""
        answer = self.sellers.ListSellerPackages(pb.ListSellerPackagesRequest(), timeout=10)
        return sorted(answer.seller_packages, key=lambda package: in_billionths(package.price))

    def status(self):
        return self.sellers.GetPackageStatus(pb.GetPackageStatusRequest(), **self.call)

    def purchase(self, package, card_number):
        """Buys at what a quote says, and prints how that went."""
        request = pb.QuotePackageChangeRequest(package_id=package.id)
        try:
            quote = self.sellers.QuotePackageChange(request, **self.call).quote
        except grpc.RpcError as error:
            explain(error)
            return
        print(f"{package.name} costs {text(quote.price)}, less {text(quote.credit)}: "
              f"{text(quote.amount_due)} to pay")
        request = pb.PurchasePackageRequest(
            package_id=package.id, quote_token=quote.quote_token,
            credit_card=pb.CreditCard(
                number=card_number, expiry_month=12, expiry_year=time.gmtime().tm_year + 2,
                cvv="123", holder_name="A. Seller"),
            # The same in every try, so that none of them charges a second time.
            request_id=str(uuid.uuid4()))
        for attempt in range(ATTEMPTS):
            try:
                answer = self.sellers.PurchasePackage(request, **self.call)
            except grpc.RpcError as error:
                # No answer, or none yet: what came of it is asked with the same request.
                if error.code() in (
                    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED
                ) and attempt + 1 < ATTEMPTS:
                    time.sleep(2**attempt)
                    continue
                explain(error)
                return
            print(f"{answer.message}, until {answer.purchase.end_time.ToDatetime():%Y-%m-%d}")
            self.receipt(answer.purchase.receipt_number)
            return

    def receipt(self, number):
        request = pb.GetReceiptRequest(number=number)
        receipt = self.sellers.GetReceipt(request, **self.call).receipt
        print(f"receipt {receipt.number}: {text(receipt.amount_charged)} "
              f"with {receipt.card_brand or 'nothing'} {receipt.card_last_four}".rstrip())


def in_billionths(amount):
    return amount.units * 10**9 + amount.nanos


def text(amount):
    return f"{in_billionths(amount) / 10**9:.2f} {amount.currency_code}"


def explain(error):
    """Prints why a call was refused, with what its details say."""
    print(f"{error.code().name}: {error.details()}")
    for detail in rpc_status.from_call(error).details:
        info, request = ErrorInfo(), BadRequest()
        if detail.Unpack(info) and info.metadata.get("decline_code"):
            print(f"  declined: {info.metadata['decline_code']}")
        if detail.Unpack(request):
            for violation in request.field_violations:
                print(f"  {violation.field}: {violation.description}")


def buy(example):
    """Buys the cheapest package, once the right card is found."""
    packages = example.packages()
    for package in packages:
        listings = package.listing_limit
        print(f"{package.name}: {text(package.price)} for {package.duration_days} days, "
              f"{'any number of' if listings.unlimited else listings.limit} listings")
    # A number with a wrong last digit, one that is declined, and one that is charged.
    for number in ("4242 4242 4242 4241", "4000 0000 0000 9995", "4242 4242 4242 4242"):
        example.purchase(packages[0], number)


def list_something(example):
    """Takes a slot for a listing, keeps it once the listing is published, and frees it."""
    listing = f"listing-{uuid.uuid4()}"
    hold = pb.ReserveListingRequest(
        user_id=example.user, listing_id=listing, ttl=Duration(seconds=600))
    try:
        # Should the listing not be published in time, the slot frees itself.
        example.sellers.ReserveListing(hold, **example.call)
    except grpc.RpcError as error:
        explain(error)
        return
    commit = pb.CommitListingRequest(user_id=example.user, listing_id=listing)
    example.sellers.CommitListing(commit, **example.call)
    details = example.status().details
    print(f"{details.package_name}: {details.listings_used} used, "
          f"{details.listings_remaining.limit} free, {details.days_left} days left")
    release = pb.ReleaseListingRequest(user_id=example.user, listing_id=listing)
    example.sellers.ReleaseListing(release, **example.call)


def upgrade(example):
    """Changes to the next larger package; what is left of the current one is credited."""
    packages = example.packages()
    current = example.status().details
    # The current one may not be on sale any more.
    price = max(
        (in_billionths(package.price) for package in packages if package.id == current.package_id),
        default=-1)
    larger = [package for package in packages if in_billionths(package.price) > price]
    if larger:
        example.purchase(larger[0], "4242 4242 4242 4242")
    else:
        print(f"there is nothing above {current.package_name}")


PROGRAMS = {"buy": buy, "list": list_something, "upgrade": upgrade}


def main():
    names = sys.argv[3:] or list(PROGRAMS)
    if len(sys.argv) < 3 or not set(names) <= set(PROGRAMS):
        sys.exit(__doc__.strip())
    token = Path(sys.argv[2]).read_text(encoding="utf-8").strip()
    with grpc.insecure_channel(sys.argv[1]) as channel:
        for name in names:
            print(f"-- {name}")
            PROGRAMS[name](Example(channel, token))


if __name__ == "__main__":
    main()
