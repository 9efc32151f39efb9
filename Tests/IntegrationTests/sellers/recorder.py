"""Callers of SellerPackageService who write down what they asked and what they were told."""

import random
import time
import uuid

import grpc
from google.protobuf.duration_pb2 import Duration
from linearizability import FOREVER, LOST, Operation
from packd.v1 import seller_package_service_pb2 as api
from packd_testing.errors import Refusal
from packd_testing.tokens import bearer, make_token

SERVICE = "/packd.v1.SellerPackageService/"
CALL_SECONDS = 5
RETRY_SECONDS = 60
PAUSE_SECONDS = 0.05
# Between two calls.
MAX_THINK_SECONDS = 0.03
HOLD = Duration(seconds=3600)
GOOD_CARD = "4242 4242 4242 4242"
# Nothing of such a call was done, or it is not known: by the status's code, and by its reason.
RETRIED = {"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"}
RETRIED_REASONS = {"REQUEST_IN_FLIGHT", "OVERLOADED", "CONFLICT"}
# What a retry may meet of its own first try.
OWN = {"PURCHASE_UNDER_WAY", "PAYMENT_UNDER_WAY"}


def good_card():
    return api.CreditCard(
        number=GOOD_CARD, expiry_month=12, expiry_year=2060, cvv="123", holder_name="A. Seller")


class Recorder:
    """One caller of one user's. Calls that are not answered are made again, with the same
    request_id, until they are."""

    def __init__(self, daemon, user, seed):
        self.daemon = daemon
        self.user = user
        self.history = []
        self.numbers = random.Random(seed)
        self.metadata = bearer(make_token(role="Service", sub=user))
        self.channel = None

    def run(self, is_over, packages, listings):
        while not is_over.wait(self.numbers.random() * MAX_THINK_SECONDS):
            draw = self.numbers.random()
            listing = self.numbers.choice(listings)
            if draw < 0.04:
                self.purchase(self.numbers.choice(packages))
            elif draw < 0.5:
                self.reserve(listing)
            elif draw < 0.65:
                self.commit(listing)
            elif draw < 0.85:
                self.release(listing)
            else:
                self.look()
        self.close()

    def shop(self, is_over, packages):
        """Nothing but purchases: many meet each other's, and some do not."""
        while not is_over.wait(self.numbers.random() * MAX_THINK_SECONDS):
            self.purchase(self.numbers.choice(packages))
        self.close()

    def close(self):
        if self.channel:
            self.channel.close()
            self.channel = None

    def purchase(self, package):
        self.record("purchase", (package,), "PurchasePackage", api.PurchasePackageRequest(
            package_id=package, credit_card=good_card(), request_id=str(uuid.uuid4())))

    def reserve(self, listing):
        self.record("reserve", (listing,), "ReserveListing", api.ReserveListingRequest(
            user_id=self.user, listing_id=listing, ttl=HOLD, request_id=str(uuid.uuid4())))

    def commit(self, listing):
        self.record("commit", (listing,), "CommitListing", api.CommitListingRequest(
            user_id=self.user, listing_id=listing, request_id=str(uuid.uuid4())))

    def release(self, listing):
        self.record("release", (listing,), "ReleaseListing", api.ReleaseListingRequest(
            user_id=self.user, listing_id=listing, request_id=str(uuid.uuid4())))

    def look(self):
        def seen(response):
            entitlement = response.entitlement
            return entitlement.package_id, entitlement.listings_remaining.limit

        self.record(
            "look", (), "CheckEntitlement", api.CheckEntitlementRequest(user_id=self.user), seen)

    def record(self, name, arguments, method, request, seen=lambda _: "OK"):
        called = time.monotonic()
        answer = self.answer(method, request, seen)
        returned = FOREVER if answer is LOST else time.monotonic()
        self.history.append(Operation(name, arguments, answer, called, returned))

    def answer(self, method, request, seen):
        until = time.monotonic() + RETRY_SECONDS
        is_retry = False
        while time.monotonic() < until:
            try:
                return seen(self.call(method, request))
            except grpc.RpcError as error:
                if error.code().name not in RETRIED:
                    reason = self.reason(error)
                    if reason not in (RETRIED_REASONS | OWN if is_retry else RETRIED_REASONS):
                        return reason
            is_retry = True
            time.sleep(PAUSE_SECONDS)
        return LOST

    def call(self, method, request):
        if self.channel is None:
            self.channel = self.daemon.channel()
        response = getattr(api, f"{method}Response")
        return self.channel.unary_unary(
            SERVICE + method, request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )(request, metadata=self.metadata, timeout=CALL_SECONDS)

    @staticmethod
    def reason(error):
        refusal = Refusal()
        refusal.read(error)
        return refusal.reason
