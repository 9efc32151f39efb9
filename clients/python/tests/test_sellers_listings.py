"""Listing slots and entitlements, as the platform's other services ask for them."""

import asyncio

import grpc
import pytest
from packd.v1 import seller_package_service_pb2 as pb
from packd.v1.seller_package_service_pb2_grpc import SellerPackageServiceStub
from packd_testing.daemon import CHANNEL_OPTIONS
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.plans import quota
from packd_testing.sellers import BASIC, PREMIUM, seconds
from packd_testing.tokens import bearer, make_token

CALLERS = 64


def test_a_slot_is_held_committed_and_released(seller):
    seller.buy(BASIC)
    held = seller.reserve("listing", ttl=600)
    assert (held.user_id, held.listing_id) == (seller.user, "listing")
    assert held.state == pb.LISTING_STATE_HELD
    assert held.expire_time.seconds - held.create_time.seconds == 600
    committed = seller.commit("listing")
    assert committed.state == pb.LISTING_STATE_COMMITTED
    assert committed.create_time == held.create_time
    assert not committed.HasField("expire_time")
    # Again changes nothing.
    assert seller.commit("listing") == seller.reserve("listing") == committed
    assert seller.status().details.listings_used == 1
    seller.release("listing")
    seller.release("listing")
    assert seller.status().details.listings_used == 0
    with refused("NOT_FOUND", "SLOT_NOT_FOUND") as error:
        seller.commit("listing")
    assert error.message == "The listing has no slot"


def test_a_hold_that_is_taken_again_takes_the_new_expiry(seller):
    seller.buy(BASIC)
    first = seller.reserve("listing", ttl=60)
    second = seller.reserve("listing", ttl=6000)
    assert second.create_time == first.create_time
    assert second.expire_time.seconds - first.expire_time.seconds >= 5940
    assert seller.status().details.listings_used == 1


def test_there_are_as_many_slots_as_the_package_has(seller):
    seller.buy(BASIC)
    for number in range(10):
        assert seller.status().details.listings_remaining == quota(10 - number)
        seller.reserve(f"listing-{number}")
    with refused("RESOURCE_EXHAUSTED", "LISTING_LIMIT_REACHED") as error:
        seller.reserve("one-more")
    assert error.message == "Listing limit reached"
    assert error.quota_violations == {
        f"users/{seller.user}/listings": "The package has 10 listings, and all are in use"}
    # One that has a slot keeps it.
    seller.reserve("listing-0")
    seller.release("listing-5")
    seller.reserve("one-more")


def test_of_many_who_race_as_many_have_a_slot_as_there_are(daemon, seller):
    seller.buy(PREMIUM)

    async def race():
        metadata = bearer(make_token(role="Service", sub="auction"))
        async with grpc.aio.insecure_channel(daemon.address, options=CHANNEL_OPTIONS) as channel:
            stub = SellerPackageServiceStub(channel)

            async def reserve(number):
                try:
                    await stub.ReserveListing(pb.ReserveListingRequest(
                        user_id=seller.user, listing_id=f"listing-{number}", ttl=seconds(600)),
                        metadata=metadata, timeout=30)
                except grpc.aio.AioRpcError as error:
                    return error.code().name
                return "OK"

            return await asyncio.gather(*(reserve(number) for number in range(3 * CALLERS)))

    outcomes = asyncio.run(race())
    assert outcomes.count("OK") == 100
    assert outcomes.count("RESOURCE_EXHAUSTED") == 3 * CALLERS - 100
    assert seller.status().details.listings_remaining == quota(0)


def test_who_has_no_package_has_no_slots(seller):
    message = "The user has no active package"
    for call in (lambda: seller.reserve("listing"), lambda: seller.commit("listing")):
        with refused("FAILED_PRECONDITION", "NO_ACTIVE_PACKAGE") as error:
            call()
        assert error.message == message
        assert error.preconditions == {f"users/{seller.user}": message}
    seller.release("listing")


@pytest.mark.parametrize("fields, paths", [
    ({"listing_id": ""}, ["listing_id"]), ({"listing_id": "x" * 129}, ["listing_id"]),
    ({"listing_id": "a\nb"}, ["listing_id"]), ({"ttl": None}, ["ttl"]),
    ({"ttl": seconds(0)}, ["ttl"]), ({"ttl": seconds(86_401)}, ["ttl"]),
    ({"ttl": seconds(-1)}, ["ttl"]), ({"user_id": ""}, ["user_id"]),
    ({"user_id": "", "listing_id": "", "ttl": None}, ["user_id", "listing_id", "ttl"]),
])
def test_every_fault_of_a_reservation_is_told(seller, fields, paths):
    request = {
        "user_id": seller.user, "listing_id": "listing", "ttl": seconds(60), **fields}
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", paths):
        seller.ReserveListing(**request)


def test_an_entitlement_tells_what_a_user_may_do(seller, make_seller):
    auction = make_seller("Service", sub="auction")
    nothing = auction.CheckEntitlement(user_id=seller.user)
    assert nothing == pb.CheckEntitlementResponse()
    purchase = seller.buy(BASIC)
    seller.reserve("listing")
    for feature, is_entitled in (
        ("", True), ("Standard listings", True), ("standard listings", False),
        ("Bulk upload", False),
    ):
        for _ in range(3):
            assert auction.CheckEntitlement(
                user_id=seller.user, feature=feature) == pb.CheckEntitlementResponse(
                    is_entitled=is_entitled,
                    entitlement=pb.Entitlement(
                        user_id=seller.user, purchase_id=purchase.id, package_id=BASIC,
                        end_time=purchase.end_time, listings_remaining=quota(9),
                        features=purchase.features))
    # What is bought is seen at once.
    seller.buy(PREMIUM)
    answer = auction.CheckEntitlement(user_id=seller.user, feature="Bulk upload")
    assert answer.is_entitled and answer.entitlement.listings_remaining == quota(100)
