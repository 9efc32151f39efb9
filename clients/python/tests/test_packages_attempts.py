"""How often one address may try passwords, whatever the usernames are."""

import time

import grpc
from packd_testing.errors import refused
from packd_testing.packages import PASSWORD, unique

PER_MINUTE = 12
DAEMON_OPTIONS = ("--max-attempts-per-minute-per-address", str(PER_MINUTE))


def test_an_address_may_try_so_often_whatever_the_usernames_are(packages, called_as):
    service = called_as("Service")
    began = time.monotonic()
    tries = 0
    while True:
        try:
            answer = service.VerifyCredentials(username=unique("nobody"), password=PASSWORD)
            assert answer.package_id == ""
            tries += 1
        except grpc.RpcError:
            break
    # As many at once, and one more for each five seconds that this took.
    assert PER_MINUTE <= tries <= PER_MINUTE + (time.monotonic() - began) / 5
    time.sleep(5.1)
    # From another connection too: the port does not count.
    other = called_as("Service", sub="another-service")
    other.VerifyCredentials(username=unique("nobody"), password=PASSWORD)
    with refused("RESOURCE_EXHAUSTED", "TOO_MANY_ATTEMPTS") as error:
        for _ in range(PER_MINUTE):
            service.VerifyCredentials(username=unique("nobody"), password=PASSWORD)
    assert 0 < error.retry_seconds <= 5
    # Passwords of new packages are no tries.
    packages.create()
