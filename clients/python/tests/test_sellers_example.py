"""example_sellers.py, as a newcomer runs it."""

import re
import subprocess
import sys

import pytest
from packd_testing.daemon import REPOSITORY
from packd_testing.sellers import PREMIUM, Sellers, unique
from packd_testing.tokens import make_token

EXAMPLE = REPOSITORY / "clients" / "python" / "example_sellers.py"

OFFERS = [
    "Basic Seller: 9.99 USD for 30 days, 10 listings",
    "Professional Seller: 24.99 USD for 30 days, 30 listings",
    "Premium Seller: 49.99 USD for 30 days, 100 listings",
]


@pytest.fixture
def user():
    return unique("newcomer")


@pytest.fixture
def run(daemon, tmp_path, user):
    path = tmp_path / "token"
    path.write_text(make_token(role="Seller", sub=user) + "\n", encoding="utf-8")

    def example(*names):
        return subprocess.run(
            [sys.executable, str(EXAMPLE), daemon.address, str(path), *names],
            capture_output=True, text=True, timeout=30, check=False)

    return example


def lines(result):
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    text = re.sub(r"\d{4}-\d\d-\d\d", "DATE", result.stdout)
    return re.sub(r"A-\d{6}", "A-NUMBER", text).splitlines()


def test_a_package_is_bought_after_two_failures(run):
    price = "Basic Seller costs 9.99 USD, less 0.00 USD: 9.99 USD to pay"
    assert lines(run("buy")) == [
        "-- buy", *OFFERS,
        price, "INVALID_ARGUMENT: Payment validation failed",
        "  credit_card.number: Invalid card number",
        price, "FAILED_PRECONDITION: Payment processing failed",
        "  declined: insufficient_funds",
        price, "Package purchased successfully, until DATE",
        "receipt A-NUMBER: 9.99 USD with visa 4242",
    ]
    assert lines(run("buy"))[4:] == [
        "ALREADY_EXISTS: You already have an active package of this type"] * 3


def test_a_listing_takes_a_slot(run):
    assert lines(run("list")) == [
        "-- list", "FAILED_PRECONDITION: The user has no active package"]
    assert lines(run("upgrade"))[2].startswith("Package purchased successfully")
    for _ in range(2):
        assert lines(run("list")) == [
            "-- list", "Basic Seller: 1 used, 9 free, 30 days left"]


def test_all_three_run_one_after_the_other(run):
    seen = lines(run())
    assert [line for line in seen if line.startswith("-- ")] == ["-- buy", "-- list", "-- upgrade"]
    assert re.fullmatch(
        r"Professional Seller costs 24\.99 USD, less 9\.\d\d USD: 15\.\d\d USD to pay", seen[-3])
    assert seen[-2] == "Package purchased successfully, until DATE"


def test_there_is_nothing_above_the_largest(run, daemon, user):
    with daemon.channel() as channel:
        Sellers(channel, sub=user).buy(PREMIUM)
    assert lines(run("upgrade")) == ["-- upgrade", "there is nothing above Premium Seller"]


def test_an_unknown_program_is_refused_with_what_there_is(run):
    result = run("dance")
    assert result.returncode == 1
    assert "buy|list|upgrade" in result.stderr
