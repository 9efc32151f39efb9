"""One call of a client that means well."""

from connection import Connection
from google.protobuf.message import DecodeError
from packd.v1 import catalogue_service_pb2 as catalogue


def get_plan(port):
    """A well-behaved client beside the hostile one."""
    with Connection(port) as connection:
        reply = connection.call()
    assert reply.grpc_status == 0, reply
    try:
        return catalogue.GetPlanResponse.FromString(reply.data[5:]).plan
    except DecodeError:
        raise AssertionError(f"an answer that does not decode: {reply}") from None
