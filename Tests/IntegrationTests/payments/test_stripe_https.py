"""Stripe over TLS: of what OpenSSL decrypts nothing of a card is left either."""

import subprocess

import pytest
from packd_testing.buyer import Buyer
from packd_testing.certificates import Authority
from packd_testing.memory import check_absent, cvv_images, memory
from stripe import Stripe

# A security code as no number is written.
NUMBER, CVV, HOLDER = "5105105105105100", "073", "Wilhelmina Holder"
# What Debian's libcurl trusts.
ROOTS = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def stripe(tmp_path, authority):
    files = tmp_path / "stripe.pem", tmp_path / "stripe.key"
    authority.issue().write(*files)
    one = Stripe(*files)
    yield one
    one.close()


def trusting(authority, folder):
    """A command that runs another, for which `authority` is all that the system trusts."""
    roots = folder / "roots.pem"
    roots.write_bytes(authority.pem)
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c",
               'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh", roots, ROOTS]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let the test mount a file over another")
    return command


def test_nothing_of_a_card_is_left_in_memory(shop, authority, tmp_path):
    shop.wrapper = trusting(authority, tmp_path)
    shop.restart()
    for count in range(20):
        buyer = Buyer(shop, f"buyer-{count}")
        request = buyer.request(NUMBER)
        request.credit_card.cvv, request.credit_card.holder_name = CVV, HOLDER
        assert buyer.purchase(request).transaction_id.startswith("tr_pi_")
    secrets = [NUMBER, HOLDER, HOLDER.replace(" ", "%20"), f"card%5Bcvc%5D={CVV}"]
    check_absent(
        memory(shop.process.pid),
        [*(secret.encode() for secret in secrets), *cvv_images(CVV)])
