"""Requests to grpc.testing.TestService."""

import testing_protos as protos

# Longer than any test; interval_us is an int32.
FOREVER_SECONDS = 2000


def ask(*sizes, after=0.0, body=b"", code=0, message=""):
    """Asks for responses of these sizes, each `after` so many seconds."""
    request = protos.StreamingOutputCallRequest(
        response_parameters=[
            protos.ResponseParameters(size=size, interval_us=int(after * 1e6)) for size in sizes],
        payload=protos.Payload(body=body))
    if code:
        request.response_status.code = code
        request.response_status.message = message
    return request


def ask_and_wait():
    """Asks for a response at once, and for another that never comes."""
    request = ask(1)
    request.response_parameters.add(size=1, interval_us=int(FOREVER_SECONDS * 1e6))
    return request


def piece(size):
    return protos.StreamingInputCallRequest(payload=protos.Payload(body=bytes(size)))


def sizes(responses):
    return [len(response.payload.body) for response in responses]
