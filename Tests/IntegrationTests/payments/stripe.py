"""The stand-in for Stripe as tests have it."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

KEY = "sk_test_packd0123456789"


class Stripe:
    def __init__(self, *certificate_files):
        """Over TLS, if there are files with a certificate and its key."""
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("stripe_stand_in.py"), *certificate_files],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        scheme = "https" if certificate_files else "http"
        self.url = f"{scheme}://127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)

    def spoil(self, path, kind, **more):
        """What the stand-in does with the next request for `path`."""
        self._post("/_faults", {"path": path, "kind": kind, **more})

    def release(self):
        """Lets go what the stand-in was told to hold, now and from now on."""
        self._post("/_release", {})

    def _post(self, path, content):
        body = json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}{path}", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.status == 200

    def _get(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as response:
            return json.load(response)

    @property
    def calls(self):
        return self._get("/_calls")

    def lookups(self):
        """The requests by which packd asks what came of a payment."""
        return [call for call in self.calls if call["method"] == "GET"]

    @property
    def payments(self):
        return self._get("/_payments")["payments"]

    @property
    def refunds(self):
        return self._get("/_payments")["refunds"]

    def paid(self):
        """The payments that took money."""
        return [payment for payment in self.payments if payment["status"] == "succeeded"]
