"""An IngestUsage that fails when it is told to, as no daemon does on request."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

from packd.v1 import package_service_pb2 as pb
from packd.v1 import package_service_pb2_grpc as rpc


class FakeDaemon(rpc.PackageServiceServicer):
    def __init__(self):
        self.lock = threading.Lock()
        self.events = {}
        self.received = []
        self.metadata = []
        # How many events are still counted and answered, before the stream is broken.
        self.breaks_after = []
        # A status for every call.
        self.refusal = None
        self.verdict = None
        self.server = grpc.server(ThreadPoolExecutor(max_workers=4))
        rpc.add_PackageServiceServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop(None)

    def IngestUsage(self, requests, context):
        self.metadata.append(dict(context.invocation_metadata()))
        if self.refusal:
            context.abort(*self.refusal)
        answers_left = self.breaks_after.pop(0) if self.breaks_after else None
        for request in requests:
            event = request.event
            self.received.append(event)
            verdict = self.count(event)
            if answers_left == 0:
                context.abort(grpc.StatusCode.UNAVAILABLE, "going away")
            if answers_left is not None:
                answers_left -= 1
            yield pb.IngestUsageResponse(
                event_id=event.event_id, verdict=verdict,
                reason="PACKAGE_NOT_FOUND" if verdict == pb.USAGE_VERDICT_REJECTED else "",
                message="Package not found" if verdict == pb.USAGE_VERDICT_REJECTED else "")

    def count(self, event):
        if self.verdict is not None:
            return self.verdict
        with self.lock:
            known = self.events.setdefault(event.event_id, event)
        if known is event:
            return pb.USAGE_VERDICT_ACCEPTED
        same = known.SerializeToString() == event.SerializeToString()
        return pb.USAGE_VERDICT_DUPLICATE if same else pb.USAGE_VERDICT_CONFLICT

    @property
    def requests(self):
        return sum(event.bandwidth_delta.requests for event in self.events.values())

    @property
    def out_bytes(self):
        return sum(event.bandwidth_delta.out_bytes for event in self.events.values())
