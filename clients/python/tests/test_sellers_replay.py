"""request_id and validate_only in every method of SellerPackageService that changes something."""

import threading
import uuid

import grpc
import pytest
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.sellers import (
    BASIC, DECLINED_CARDS, PREMIUM, Sellers, card, make_seller_package, mask, paypal, seconds)

REPLAYED = "packd-replayed"


class Scene:
    """A package of an Admin's, a seller who has another, and what they could change."""

    def __init__(self, admin, seller):
        self.admin = admin
        self.seller = seller
        self.package = admin.create()
        self.purchase = seller.buy(BASIC)
        seller.reserve("held")

    def state(self):
        return (
            self.admin.all_pages(
                "ListSellerPackages", "seller_packages", show_inactive=True, page_size=1000),
            self.seller.purchases(), self.seller.status(),
        )


@pytest.fixture
def scene(seller_admin, make_seller):
    return Scene(seller_admin, make_seller())


# Of each method: who calls it, and a request that changes something.
MUTATIONS = {
    "CreateSellerPackage": ("admin", lambda scene: {"seller_package": make_seller_package()}),
    "UpdateSellerPackage": ("admin", lambda scene: {
        "seller_package": {
            "id": scene.package.id, "etag": scene.package.etag, "description": "Changed"},
        "update_mask": mask("description")}),
    "DeleteSellerPackage": ("admin", lambda scene: {
        "id": scene.package.id, "etag": scene.package.etag}),
    "PurchasePackage": ("seller", lambda scene: {
        "package_id": PREMIUM, "credit_card": card()}),
    "RenewPackage": ("seller", lambda scene: {
        "purchase_id": scene.purchase.id, "paypal": paypal()}),
    "ReserveListing": ("seller", lambda scene: {
        "user_id": scene.seller.user, "listing_id": "new", "ttl": seconds(60)}),
    "CommitListing": ("seller", lambda scene: {
        "user_id": scene.seller.user, "listing_id": "held"}),
    "ReleaseListing": ("seller", lambda scene: {
        "user_id": scene.seller.user, "listing_id": "held"}),
}
# What a commitment changes is in its answer alone: the slot was counted before.
SILENT = {"CommitListing"}
VALIDATED = {
    "CreateSellerPackage", "UpdateSellerPackage", "DeleteSellerPackage", "PurchasePackage",
    "RenewPackage",
}


def prepared(scene, method):
    caller, make_request = MUTATIONS[method]
    return getattr(scene, caller), make_request(scene)


@pytest.mark.parametrize("method", MUTATIONS)
def test_a_retry_gets_the_first_answer_byte_for_byte_and_changes_nothing(scene, method):
    caller, request = prepared(scene, method)
    before = scene.state()
    request["request_id"] = str(uuid.uuid4())
    first, metadata = caller.raw(method, **request)
    assert REPLAYED not in metadata
    after = scene.state()
    assert method in SILENT or after != before
    for _ in range(2):
        again, metadata = caller.raw(method, **request)
        assert again == first
        assert metadata.get(REPLAYED) == "true"
    assert scene.state() == after


@pytest.mark.parametrize("method", MUTATIONS)
def test_an_id_with_another_body_is_a_mismatch(scene, method):
    caller, request = prepared(scene, method)
    request["request_id"] = str(uuid.uuid4())
    getattr(caller, method)(**request)
    after = scene.state()
    if method in VALIDATED:
        request["validate_only"] = True
    else:
        request["listing_id"] = "another"
    with refused("INVALID_ARGUMENT", "IDEMPOTENCY_MISMATCH") as error:
        getattr(caller, method)(**request)
    assert error.message == "request_id was used for a different request"
    assert scene.state() == after


@pytest.mark.parametrize("method", sorted(VALIDATED))
def test_validate_only_answers_as_if_done_and_writes_nothing(scene, method):
    caller, request = prepared(scene, method)
    before = scene.state()
    getattr(caller, method)(**request, validate_only=True)
    assert scene.state() == before
    # It could have been done indeed.
    getattr(caller, method)(**request)
    assert scene.state() != before


@pytest.mark.parametrize("method", MUTATIONS)
def test_a_request_id_is_not_longer_than_it_may_be(scene, method):
    caller, request = prepared(scene, method)
    for request_id in ("x" * 129, "a\x07b"):
        with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
            getattr(caller, method)(**request, request_id=request_id)
        assert error.violations == {"request_id": "must be at most 128 printable characters"}


def test_what_would_be_bought_is_told(seller):
    would_be = seller.PurchasePackage(
        package_id=BASIC, credit_card=card(), validate_only=True)
    assert would_be.message == "Package purchased successfully"
    assert would_be.purchase.package_name == "Basic Seller"
    assert would_be.purchase.amount_charged.units == 9
    assert not seller.status().has_active_package


def test_validate_only_makes_the_same_checks(seller):
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND"):
        seller.buy(999_999, validate_only=True)
    seller.buy(BASIC)
    with refused("ALREADY_EXISTS", "PACKAGE_ALREADY_ACTIVE"):
        seller.buy(BASIC, validate_only=True)
    with refused("NOT_FOUND", "PURCHASE_NOT_FOUND"):
        seller.RenewPackage(purchase_id=999_999, credit_card=card(), validate_only=True)


def test_a_decline_is_told_again_and_not_tried_again(seller):
    number, = [number for number, code in DECLINED_CARDS.items() if code == "insufficient_funds"]
    request_id = str(uuid.uuid4())
    for attempt in range(3):
        with refused("FAILED_PRECONDITION", "CARD_DECLINED") as error:
            seller.buy(BASIC, credit_card=card(number), request_id=request_id)
        assert error.message == "Payment processing failed"
        assert error.info == {"decline_code": "insufficient_funds"}
        assert (error.metadata.get(REPLAYED) == "true") == (attempt > 0)
    # Another request may go well.
    assert seller.buy(BASIC).is_active


def test_nothing_of_a_card_is_in_what_a_retry_is_known_by(seller):
    request_id = str(uuid.uuid4())
    first = seller.buy(BASIC, request_id=request_id)
    assert seller.buy(BASIC, credit_card=card(cvv="999"), request_id=request_id) == first
    with refused("INVALID_ARGUMENT", "IDEMPOTENCY_MISMATCH"):
        seller.buy(BASIC, credit_card=card("5555 5555 5555 4444"), request_id=request_id)


def test_callers_who_race_with_one_id_buy_once(daemon, seller):
    request = {"package_id": BASIC, "credit_card": card(), "request_id": str(uuid.uuid4())}
    answers = []

    def buy():
        with daemon.channel() as channel:
            answers.append(Sellers(channel, sub=seller.user).raw("PurchasePackage", **request))

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({answer for answer, _ in answers}) == 1
    assert sum(REPLAYED not in metadata for _, metadata in answers) == 1
    assert len(seller.purchases()) == 1


def test_callers_who_race_without_an_id_buy_once(daemon, seller):
    refusals, purchases = [], []

    def buy():
        with daemon.channel() as channel:
            caller = Sellers(channel, sub=seller.user)
            try:
                purchases.append(caller.buy(BASIC))
            except grpc.RpcError as error:
                refusals.append(error.code().name)

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == ["ALREADY_EXISTS"] * 7
    assert seller.purchases() == purchases


def test_replays_outlive_a_restart(own_daemon):
    own_daemon.start()
    request = {"package_id": BASIC, "credit_card": card(), "request_id": str(uuid.uuid4())}
    with own_daemon.channel() as channel:
        first, _ = Sellers(channel, sub="10").raw("PurchasePackage", **request)
    own_daemon.kill()
    own_daemon.start()
    with own_daemon.channel() as channel:
        seller = Sellers(channel, sub="10")
        again, metadata = seller.raw("PurchasePackage", **request)
        assert len(seller.purchases()) == 1
    assert again == first
    assert metadata.get(REPLAYED) == "true"
    own_daemon.stop()
