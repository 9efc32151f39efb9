"""What a client streams, one message after the other, under a test's eyes."""

import queue
import threading


class Sender:
    """An iterator of requests, for grpcio to take from: those that the test puts in."""

    def __init__(self, *requests):
        self.requests = queue.Queue()
        for request in requests:
            self.requests.put(request)

    def __iter__(self):
        return self

    def __next__(self):
        request = self.requests.get()
        if request is None:
            raise StopIteration
        return request

    def send(self, request):
        self.requests.put(request)

    def close(self):
        """Half-closes the call."""
        self.requests.put(None)


class Stream:
    """An iterator that gives the same request again and again, and counts how often grpcio has
    taken it; grpcio takes the next one when it has handed the last one to its transport."""

    def __init__(self, first, request, count):
        self.first, self.request, self.count = first, request, count
        self.taken = 0
        self.finished = threading.Event()

    def __iter__(self):
        yield from self.first
        for _ in range(self.count):
            self.taken += 1
            yield self.request
        self.finished.set()
