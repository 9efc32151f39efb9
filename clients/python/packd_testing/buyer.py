"""Who buys seller packages."""

import time
import uuid

import grpc
from packd.v1 import seller_package_service_pb2 as api

from .errors import Refusal
from .tokens import bearer, make_token
from .waiting import wait_for

SERVICE = "/packd.v1.SellerPackageService/"
CALL_SECONDS = 20
GOOD = "4242 4242 4242 4242"
# What localstripe declines, and what it wants a buyer's word for.
DECLINED = "4000 0000 0000 0341"
ASKING = "4000 0000 0000 3220"


class Buyer:
    def __init__(self, daemon, user="buyer"):
        self.metadata = bearer(make_token(role="Seller", sub=user, email=f"{user}@example.com"))
        self.channel = grpc.insecure_channel(daemon.address)
        self.user = user

    def call(self, method, request, response):
        call = self.channel.unary_unary(
            SERVICE + method, request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString)
        return call(request, metadata=self.metadata, timeout=CALL_SECONDS)

    def request(self, card=GOOD, package=1):
        return api.PurchasePackageRequest(
            package_id=package, request_id=str(uuid.uuid4()), credit_card=api.CreditCard(
                number=card, expiry_month=12, expiry_year=2060, cvv="123",
                holder_name="A. Seller"))

    def purchase(self, request):
        return self.call("PurchasePackage", request, api.PurchasePackageResponse).purchase

    def refusal(self, request):
        """The reason of a purchase that must fail."""
        try:
            purchase = self.purchase(request)
        except grpc.RpcError as error:
            refusal = Refusal()
            refusal.read(error)
            return refusal
        raise AssertionError(f"was sold: {purchase}")

    def persist(self, request, seconds=30):
        """Asks again until there is an answer, as a client does whose first one was lost."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.purchase(request)
            except grpc.RpcError as error:
                assert error.code().name == "UNAVAILABLE", error
                assert time.monotonic() < end, error
                time.sleep(0.3)

    def purchases(self):
        request = api.ListMyPackagesRequest()
        return list(self.call("ListMyPackages", request, api.ListMyPackagesResponse).purchases)

    def wait_for_purchase(self):
        return wait_for(self.purchases)[0]
