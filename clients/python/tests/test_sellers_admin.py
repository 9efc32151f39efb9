"""Seller packages as Admins keep them."""

import pytest
from packd_testing.errors import refused
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.plans import money, quota
from packd_testing.sellers import card, cents, make_seller_package, mask, unique

SERVER_FIELDS = ("id", "create_time", "update_time", "etag")


def without(package, *fields):
    copy = type(package)()
    copy.CopyFrom(package)
    for field in fields:
        copy.ClearField(field)
    return copy


def update(admin, package, *paths, **fields):
    """Sends the package with some fields as given."""
    sent = without(package)
    for name, value in fields.items():
        sent.ClearField(name)
        sent.MergeFrom(type(package)(**{name: value}))
    options = {"update_mask": mask(*paths)} if paths else {}
    return admin.UpdateSellerPackage(seller_package=sent, **options).seller_package


def test_a_package_is_written_as_it_was_sent(seller_admin):
    sent = make_seller_package(price=money(1234, 0, "JPY"), listing_limit=quota(), is_active=False)
    sent.id, sent.etag = 77_777, "made up"
    written = seller_admin.CreateSellerPackage(seller_package=sent).seller_package
    assert without(written, *SERVER_FIELDS) == without(sent, *SERVER_FIELDS)
    assert written.id not in (0, 77_777) and written.etag not in ("", "made up")
    assert written.create_time == written.update_time
    assert seller_admin.GetSellerPackage(id=written.id).seller_package == written


def test_a_name_is_one_packages_alone(seller_admin):
    taken, other = seller_admin.create(), seller_admin.create()
    for call in (
        lambda: seller_admin.create(name=taken.name),
        lambda: update(seller_admin, other, name=taken.name),
        lambda: update(seller_admin, other, "name", name=taken.name),
    ):
        with refused("ALREADY_EXISTS", "SELLER_PACKAGE_NAME_TAKEN") as error:
            call()
        assert error.message == f'A seller package named "{taken.name}" exists'
    assert seller_admin.GetSellerPackage(id=other.id).seller_package == other
    assert update(seller_admin, taken).name == taken.name


@pytest.mark.parametrize("field, value", [
    ("name", ""), ("name", " "), ("name", "x" * 121), ("name", "a\nb"), ("name", "a\u202eb"),
    ("description", "x" * 2001), ("description", "a\x00b"), ("price", None),
    ("duration_days", 0), ("duration_days", -1), ("duration_days", 3661),
    ("duration_days", 2**31 - 1), ("listing_limit", None), ("features", ["x"] * 65),
    ("price", money(9, 995_000_000)), ("price", money(0, 1)),
    ("price", money(9, 500_000_000, "JPY")), ("price", money(2**63 - 1)),
])
def test_a_bad_field_is_named(seller_admin, field, value):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", [f"seller_package.{field}"]):
        seller_admin.create(**{field: value})


@pytest.mark.parametrize("field, value, path", [
    ("price", money(-1), "price.units"), ("price", money(1, -1), "price.nanos"),
    ("price", money(1, 10**9), "price.nanos"),
    ("price", money(1, 0, "usd"), "price.currency_code"),
    ("price", money(1, 0, ""), "price.currency_code"),
    ("listing_limit", quota(-1), "listing_limit.limit"),
    ("features", ["ok", ""], "features[1]"), ("features", ["x" * 201], "features[0]"),
])
def test_a_bad_part_of_a_field_is_named(seller_admin, field, value, path):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", [f"seller_package.{path}"]):
        seller_admin.create(**{field: value})


def test_all_that_is_wrong_is_told_at_once(seller_admin):
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", [
        "seller_package.name", "seller_package.price", "seller_package.duration_days",
        "seller_package.listing_limit", "request_id",
    ]):
        seller_admin.CreateSellerPackage(seller_package={}, request_id="x" * 129)
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["seller_package"]):
        seller_admin.CreateSellerPackage()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["seller_package"]):
        seller_admin.UpdateSellerPackage()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["seller_package.id", "update_mask"]):
        seller_admin.UpdateSellerPackage(seller_package={}, update_mask=mask("etag"))
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS", ["id", "etag"]):
        seller_admin.DeleteSellerPackage(etag="x" * 65)


def test_the_largest_package_that_is_allowed_is_taken(seller_admin):
    fields = {
        "name": unique("漢") + "漢" * 110, "description": "漢\n\t" * 600,
        "price": money((2**63 - 1) // 100, 70_000_000), "duration_days": 3660,
        "listing_limit": quota(2**63 - 1), "features": ["é" * 200] * 64,
    }
    written = seller_admin.create(**fields)
    for name, value in fields.items():
        assert getattr(written, name) == value


@pytest.mark.parametrize("paths", [(), ("*",), ("name", "*")])
def test_an_update_of_everything_writes_everything(seller_admin, paths):
    first = seller_admin.create()
    changes = {
        "name": unique("Changed"), "description": "", "price": money(5, 0, "EUR"),
        "duration_days": 7, "listing_limit": quota(), "features": ["One"], "is_active": False,
    }
    second = update(seller_admin, first, *paths, **changes)
    for name, value in changes.items():
        assert getattr(second, name) == value
    assert second.etag != first.etag and second.create_time == first.create_time
    assert seller_admin.GetSellerPackage(id=first.id).seller_package == second


@pytest.mark.parametrize("path, value", [
    ("name", "A name of its own"), ("description", "Changed"), ("price", money(5, 0, "EUR")),
    ("duration_days", 7), ("listing_limit", quota(99)), ("features", ["One"]),
    ("is_active", False),
])
def test_a_mask_leaves_the_other_fields_alone(seller_admin, path, value):
    first = seller_admin.create()
    # What the mask does not name need not be in order.
    sent = {"id": first.id, path: value}
    second = seller_admin.UpdateSellerPackage(
        seller_package=sent, update_mask=mask(path)).seller_package
    assert getattr(second, path) == value
    server_fields = ("etag", "update_time", path)
    assert without(second, *server_fields) == without(first, *server_fields)


@pytest.mark.parametrize("paths, description", [
    (("id",), '"id" is set by the server'), (("etag",), '"etag" is set by the server'),
    (("price.units",), 'unknown path "price.units"'),
    (("no", "such"), 'unknown path "no" and 1 more'),
    (("name",) * 33, "must be at most 32 paths"),
])
def test_a_mask_names_fields_that_clients_set(seller_admin, paths, description):
    package = seller_admin.create()
    with refused("INVALID_ARGUMENT", "INVALID_FIELDS") as error:
        update(seller_admin, package, *paths)
    assert error.violations == {"update_mask": description}


def test_an_etag_guards_a_package(seller_admin):
    first = seller_admin.create()
    second = update(seller_admin, first, "description", description="Changed")
    for call in (
        lambda: update(seller_admin, first, "description"),
        lambda: seller_admin.DeleteSellerPackage(id=first.id, etag=first.etag),
    ):
        with refused("ABORTED", "ETAG_MISMATCH") as error:
            call()
        assert error.message == "The etag is not current: the package has changed"
    assert seller_admin.GetSellerPackage(id=first.id).seller_package == second
    seller_admin.DeleteSellerPackage(id=first.id, etag=second.etag)
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND"):
        seller_admin.GetSellerPackage(id=first.id)


@pytest.mark.parametrize("method", ["UpdateSellerPackage", "DeleteSellerPackage"])
def test_a_package_that_is_not_there_is_not_found(seller_admin, method):
    fields = (
        {"id": 999_999} if method == "DeleteSellerPackage"
        else {"seller_package": make_seller_package(id=999_999)})
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND") as error:
        getattr(seller_admin, method)(**fields)
    assert error.message == "Package not found"


def test_a_package_is_not_deleted_while_it_is_somebodys(seller_admin, make_seller):
    package, other = seller_admin.create(), seller_admin.create()
    first, second = make_seller(), make_seller()
    bought = first.buy(package.id)
    second.buy(package.id)
    for holder in (first, second):
        with refused("FAILED_PRECONDITION", "SELLER_PACKAGE_IN_USE") as error:
            seller_admin.DeleteSellerPackage(id=package.id)
        assert error.message == "The package is the current one of users"
        assert error.preconditions == {f"sellerPackages/{package.id}": error.message}
        holder.buy(other.id)
    seller_admin.DeleteSellerPackage(id=package.id)
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND"):
        first.buy(package.id)
    # What was bought is still known.
    assert [purchase.id for purchase in first.purchases()][1] == bought.id
    assert first.purchases()[1].package_name == package.name
    # Its name is free again, and its id is not.
    assert seller_admin.create(name=package.name).id > other.id


def test_what_was_bought_keeps_its_terms_until_it_is_renewed(seller_admin, seller):
    package = seller_admin.create(price=cents(1000), listing_limit=quota(3), features=["Old"])
    bought = seller.buy(package.id)
    update(
        seller_admin, package, name=f"{package.name} II", price=cents(2000),
        listing_limit=quota(7), features=["New"])
    assert seller.purchases() == [bought]
    assert seller.status().details.listing_limit == quota(3)
    assert seller.entitlement("Old").is_entitled and not seller.entitlement("New").is_entitled
    renewed = seller.RenewPackage(purchase_id=bought.id, credit_card=card()).purchase
    assert renewed.amount_charged == cents(2000)
    assert renewed.listing_limit == quota(7) and list(renewed.features) == ["New"]
    assert seller.entitlement("New").is_entitled and not seller.entitlement("Old").is_entitled


def test_a_package_that_is_not_on_sale_is_not_bought(seller_admin, seller):
    package = seller_admin.create(is_active=False)
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND") as error:
        seller.buy(package.id)
    assert error.message == "Package not found"
    with refused("NOT_FOUND", "SELLER_PACKAGE_NOT_FOUND"):
        seller.QuotePackageChange(package_id=package.id)
