"""A well-behaved client beside a hostile one."""

import threading
import time

MAX_WAIT_SECONDS = 3


class Beside:
    """While the block runs, a good client calls and the daemon's memory is watched: no call may
    fail or take long, and the memory stays within bounds.

    The hostile client runs in this process too, so calls here wait for it as well.
    """

    def __init__(self, daemon, call, max_growth):
        self.daemon = daemon
        self.make_call = call
        self.max_growth = max_growth
        self.calls = 0
        self.slowest = 0.0
        self.peak = 0
        self.failure = None
        self.over = threading.Event()
        self.threads = [threading.Thread(target=work) for work in (self.serve, self.watch)]

    def serve(self):
        try:
            while not self.over.is_set():
                began = time.monotonic()
                self.make_call()
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.calls += 1
                self.over.wait(0.02)
        except Exception as error:  # noqa: BLE001, told by the other thread
            self.failure = error

    def watch(self):
        while not self.over.is_set():
            try:
                self.peak = max(self.peak, self.daemon.resident_bytes())
            except (OSError, IndexError):
                return
            self.over.wait(0.02)

    def __enter__(self):
        self.first = self.daemon.resident_bytes()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if kind is not None:
            return
        assert self.failure is None, f"the good client failed: {self.failure!r}"
        assert self.calls > 0, "the good client was never served"
        assert self.slowest < MAX_WAIT_SECONDS, f"the good client waited {self.slowest:.1f} s"
        growth = self.peak - self.first
        assert growth < self.max_growth, f"{growth / 2**20:.0f} MiB more at the worst"
