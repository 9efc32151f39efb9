"""The sandbox does with each card and each approval token what docs/payments.md says of it."""

import re

import grpc
import pytest
from packd_testing.daemon import REPOSITORY
from packd_testing.errors import Refusal
from packd_testing.fixtures import every_store as store  # noqa: F401
from packd_testing.sellers import BASIC, card, paypal

PAGE = (REPOSITORY / "docs" / "payments.md").read_text(encoding="utf-8")
# What the page calls them, and what a buyer is told first.
OUTCOMES = {
    "charged": "OK",
    "no answer, and never charged": "PAYMENT_UNRESOLVED",
    "charged, and the answer is lost": "PAYMENT_UNRESOLVED",
    "the same, and found 5 s later only": "PAYMENT_UNRESOLVED",
    "not reached: surely not charged": "PAYMENT_GATEWAY_UNAVAILABLE",
}


def outcome(text):
    """The reason and the code of a cell such as "declined: `lost_card`"."""
    kind, _, code = text.replace("`", "").partition(": ")
    reasons = {"declined": "CARD_DECLINED", "refused for good": "PAYMENT_REFUSED"}
    return (reasons[kind], code) if kind in reasons else (OUTCOMES[text], None)


def documented():
    """What is paid with, as the fields of a request, and its outcome."""
    section = PAGE[PAGE.index("\n## The sandbox"):]
    table = section[section.index("\n| card | approval token |"):].strip().split("\n\n")[0]
    found = []
    for row in table.splitlines()[2:]:
        cards, tokens, told = (cell.strip() for cell in row.strip("|").split("|"))
        found += [
            (number, {"credit_card": card(number, cvv=cvv(number))}, *outcome(told))
            for number in re.findall(r"[0-9][0-9 ]{12,}[0-9]", cards)
        ]
        found += [
            (token, {"paypal": paypal(token)}, *outcome(told))
            for token in re.findall(r"`([a-z-]+)`", tokens)
        ]
    return found


def cvv(number):
    """American Express has codes of four digits."""
    return "1234" if number.startswith("37") else "123"


ROWS = documented()


def test_the_page_has_every_kind_of_outcome():
    assert {reason for _, _, reason, _ in ROWS} == {
        *OUTCOMES.values(), "CARD_DECLINED", "PAYMENT_REFUSED"}


@pytest.mark.parametrize(
    "payment, reason, code", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_it_does_what_the_page_says(seller, payment, reason, code):
    try:
        seller.buy(BASIC, **payment)
    except grpc.RpcError as error:
        refusal = Refusal()
        refusal.read(error)
        assert refusal.reason == reason
        told = refusal.info.get("decline_code", refusal.info.get("refusal_code"))
        assert told == code
    else:
        assert reason == "OK"
