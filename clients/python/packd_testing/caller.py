"""Callers of a service, whose methods are looked up by their names."""

from .plans import TIMEOUT_SECONDS
from .tokens import bearer, make_token


class Caller:
    """Calls the methods of SERVICE by name, as one user; keyword arguments are the fields of the
    request. METHODS has request, response and roles of each."""

    SERVICE: str
    METHODS: dict

    def __init__(self, channel, **claims):
        self.channel = channel
        self.metadata = bearer(make_token(**claims))

    def __getattr__(self, method):
        response_type = self.METHODS[method][1]
        return lambda **fields: self.send(
            method, self.METHODS[method][0](**fields), response_type.FromString)[0]

    def raw(self, method, **fields):
        """The bytes of the answer, and its trailing metadata."""
        return self.send(method, self.METHODS[method][0](**fields), None)

    def send(self, method, request, deserializer):
        stub = self.channel.unary_unary(
            self.SERVICE + method,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=deserializer,
        )
        answer, call = stub.with_call(
            request, timeout=TIMEOUT_SECONDS, metadata=self.metadata)
        return answer, dict(call.trailing_metadata())
