"""Errors as a client sees them, details decoded."""

from contextlib import contextmanager

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

DOMAIN = "packd.v1"


class Refusal:
    """What came with a refused call; filled in at the end of a `refused` block."""

    code = None
    message = None
    # reason of the ErrorInfo
    reason = None
    # field path to description, from the BadRequest
    violations = None
    # subject to description, from the PreconditionFailure
    preconditions = None
    # subject to description, from the QuotaFailure
    quota_violations = None
    # seconds after which to try again, from the RetryInfo; None without one
    retry_seconds = None
    # trailing metadata
    metadata = None

    def read(self, error):
        self.code = error.code().name
        self.message = error.details()
        self.metadata = dict(error.trailing_metadata() or ())
        status = rpc_status.from_call(error)
        assert status is not None, f"{self.code} {self.message!r} has no details"
        assert status.code == error.code().value[0]
        assert status.message == self.message
        infos = unpack(status, error_details_pb2.ErrorInfo)
        assert len(infos) == 1, f"{len(infos)} ErrorInfo in {status}"
        assert infos[0].domain == DOMAIN
        self.reason = infos[0].reason
        self.violations = {
            violation.field: violation.description
            for bad_request in unpack(status, error_details_pb2.BadRequest)
            for violation in bad_request.field_violations
        }
        self.preconditions = {
            violation.subject: violation.description
            for failure in unpack(status, error_details_pb2.PreconditionFailure)
            for violation in failure.violations
        }
        self.quota_violations = {
            violation.subject: violation.description
            for failure in unpack(status, error_details_pb2.QuotaFailure)
            for violation in failure.violations
        }
        for retry in unpack(status, error_details_pb2.RetryInfo):
            self.retry_seconds = retry.retry_delay.ToTimedelta().total_seconds()
        self.status = status


def unpack(status, kind):
    """The details of one message type."""
    found = []
    for detail in status.details:
        if detail.Is(kind.DESCRIPTOR):
            found.append(kind())
            assert detail.Unpack(found[-1])
    return found


@contextmanager
def refused(code, reason=None, fields=None):
    """Expects the call in the block to be refused: with this code, this reason of its ErrorInfo,
    and violations of exactly these fields."""
    refusal = Refusal()
    try:
        yield refusal
    except grpc.RpcError as error:
        refusal.read(error)
    else:
        raise AssertionError(f"not refused, {code} expected")
    seen = f"{refusal.code} {refusal.reason} {refusal.message!r} {refusal.violations}"
    assert refusal.code == code, seen
    assert reason is None or refusal.reason == reason, seen
    assert fields is None or set(refusal.violations) == set(fields), seen
