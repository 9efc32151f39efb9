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
    # reason and metadata of the ErrorInfo
    reason = None
    info = None
    # seconds after which to try again, from the RetryInfo; None without one
    retry_seconds = None
    # all other details, in order, each as a message of its own type
    details = None
    # field path to description, from the BadRequest
    violations = None
    # subject to description, from the PreconditionFailure
    preconditions = None
    # subject to description, from the QuotaFailure
    quota_violations = None
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
        details = [unpacked(detail) for detail in status.details]

        def of(kind):
            return [detail for detail in details if isinstance(detail, kind)]

        infos, retries = of(error_details_pb2.ErrorInfo), of(error_details_pb2.RetryInfo)
        assert len(infos) == 1 and len(retries) <= 1, status
        assert infos[0].domain == DOMAIN
        self.reason = infos[0].reason
        self.info = dict(infos[0].metadata)
        for retry in retries:
            self.retry_seconds = retry.retry_delay.ToTimedelta().total_seconds()
        self.details = [detail for detail in details if detail not in infos + retries]
        self.violations = {
            violation.field: violation.description
            for bad_request in of(error_details_pb2.BadRequest)
            for violation in bad_request.field_violations
        }
        self.preconditions = {
            violation.subject: violation.description
            for failure in of(error_details_pb2.PreconditionFailure)
            for violation in failure.violations
        }
        self.quota_violations = {
            violation.subject: violation.description
            for failure in of(error_details_pb2.QuotaFailure)
            for violation in failure.violations
        }
        self.status = status


def unpacked(detail):
    """An Any as the message of google.rpc that it holds."""
    kind = getattr(error_details_pb2, detail.TypeName().removeprefix("google.rpc."))
    message = kind()
    assert detail.Unpack(message)
    return message


def resource(kind, name, description):
    """What names the thing of ours that a refusal is about."""
    return error_details_pb2.ResourceInfo(
        resource_type=f"packd.v1.{kind}", resource_name=name, description=description)


def bad_request(violations):
    """From field path to description."""
    return error_details_pb2.BadRequest(field_violations=[
        {"field": field, "description": text} for field, text in violations.items()])


def precondition(kind, subject, description):
    return error_details_pb2.PreconditionFailure(
        violations=[{"type": kind, "subject": subject, "description": description}])


def quota_failure(subject, description):
    return error_details_pb2.QuotaFailure(
        violations=[{"subject": subject, "description": description}])


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
