"""The search of a daemon's memory: it finds what is there."""

import pytest
from packd_testing.memory import check_absent, cvv_images, memory, small_string

# As swiftc lays out the Strings "0739" and "073".
STRINGS = {
    "0739": bytes.fromhex("30373339 00000000 00000000 000000e4"),
    "073": bytes.fromhex("303733 00000000 00000000 00000000 e3"),
}
FIELDS = {"0739": b"\x22\x040739", "073": b"\x22\x03073"}


@pytest.mark.parametrize("cvv", STRINGS)
@pytest.mark.parametrize("planted", [STRINGS, FIELDS], ids=["string", "field"])
def test_a_planted_cvv_is_found(cvv, planted):
    heap = bytes(5) + planted[cvv] + bytes(5)
    with pytest.raises(AssertionError):
        check_absent([("stack", bytes(16)), ("heap", heap)], cvv_images(cvv))


@pytest.mark.parametrize("cvv", STRINGS)
def test_digits_of_another_number_are_no_cvv(cvv):
    check_absent([("heap", f"took 1{cvv}5 us".encode())], cvv_images(cvv))


def test_strings_of_the_daemon_are_found(daemon):
    # Prices of the packages that an empty store starts with.
    with pytest.raises(AssertionError):
        check_absent(memory(daemon.process.pid), [small_string("USD")])
