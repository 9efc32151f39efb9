"""The stand-in for Stripe as tests have it."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

KEY = "sk_test_packd0123456789"


class Stripe:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("stripe_stand_in.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)

    def spoil(self, path, kind, **more):
        """What the stand-in does with the next request for `path`."""
        body = json.dumps({"path": path, "kind": kind, **more}).encode()
        request = urllib.request.Request(f"{self.url}/_faults", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.status == 200

    def _get(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as response:
            return json.load(response)

    @property
    def calls(self):
        return self._get("/_calls")

    @property
    def payments(self):
        return self._get("/_payments")["payments"]

    @property
    def refunds(self):
        return self._get("/_payments")["refunds"]

    def paid(self):
        """The payments that took money."""
        return [payment for payment in self.payments if payment["status"] == "succeeded"]
