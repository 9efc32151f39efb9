"""Who may call what: tokens and roles."""

import base64
import json
import time

import grpc
import pytest
from packd_testing.errors import refused
from packd_testing.plans import METHODS, SERVICE, Catalogue
from packd_testing.tokens import ROLES, SECRET, bearer, make_token

INVALID_TOKEN = "Missing or invalid token"


def get_plan(daemon, metadata):
    with daemon.channel() as channel:
        catalogue = Catalogue(channel)
        catalogue.metadata = metadata
        return catalogue.GetPlan(code="vps")


def segment(value):
    """A part of a token."""
    text = json.dumps(value) if isinstance(value, dict) else value
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def unsigned_token(algorithm):
    claims = {"sub": "user-1", "role": "Admin", "exp": int(time.time()) + 3600}
    return f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{segment(claims)}."


def swapped_claims():
    """A valid signature over other claims."""
    header, _, signature = make_token(role="Seller").split(".")
    claims = {"sub": "user-1", "role": "Admin", "exp": int(time.time()) + 3600}
    return f"{header}.{segment(claims)}.{signature}"


BAD_METADATA = {
    "no metadata": lambda: (),
    "no scheme": lambda: (("authorization", make_token()),),
    "another scheme": lambda: (("authorization", "Basic dXNlcjpwYXNz"),),
    "scheme alone": lambda: (("authorization", "Bearer"),),
    "no token at all": lambda: bearer("nonsense"),
    "two parts": lambda: bearer(make_token().rsplit(".", 1)[0]),
    "four parts": lambda: bearer(make_token() + ".x"),
    "not base64": lambda: bearer("é.é.é".encode("ascii", "replace").decode()),
    "huge": lambda: bearer("x" * 9000),
    "expired": lambda: bearer(make_token(ttl=-1)),
    "no expiry": lambda: bearer(make_token(exp=None)),
    "expiry is text": lambda: bearer(make_token(exp="tomorrow")),
    "not valid yet": lambda: bearer(make_token(nbf=int(time.time()) + 600)),
    "no subject": lambda: bearer(make_token(sub=None)),
    "empty subject": lambda: bearer(make_token(sub="")),
    "wrong signature": lambda: bearer(make_token(secret=SECRET.swapcase())),
    "no signature": lambda: bearer(make_token().rsplit(".", 1)[0] + "."),
    "other claims than were signed": lambda: bearer(swapped_claims()),
    "alg none": lambda: bearer(unsigned_token("none")),
    "alg None": lambda: bearer(unsigned_token("None")),
    "alg RS256 without signature": lambda: bearer(unsigned_token("RS256")),
}


@pytest.mark.parametrize("case", BAD_METADATA)
def test_a_bad_token_is_unauthenticated(daemon, case):
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as error:
        get_plan(daemon, BAD_METADATA[case]())
    assert error.message == INVALID_TOKEN


@pytest.mark.parametrize("method", METHODS)
def test_no_method_can_be_called_without_token(daemon, method):
    with daemon.channel() as channel:
        catalogue = Catalogue(channel)
        catalogue.metadata = ()
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as error:
            getattr(catalogue, method)()
    assert error.message == INVALID_TOKEN


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "Support"},
        {"role": None, "roles": ["Seller", "Support"]},
        {"role": "Seller", "roles": ["Support"]},
        {"role": ["Support"]},
        {"role": ["Their own role", "Support"]},
        {"sub": 10},
        {"account": "reseller-7"},
        {"iss": "anybody", "aud": "anything", "iat": 0},
    ],
    ids=str,
)
def test_a_good_token_is_taken(daemon, claims):
    claims = {"role": "Support", **claims}
    assert get_plan(daemon, bearer(make_token(**claims))).plan.code == "vps"


@pytest.mark.parametrize("role", [None, "", "Nobody", "admin", "ADMIN", [], ["x"]], ids=str)
def test_a_token_without_a_known_role_is_denied(daemon, role):
    with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
        get_plan(daemon, bearer(make_token(role=role)))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_its_roles_and_no_other(daemon, method, role):
    # An empty request changes nothing, whoever may send it.
    request, _, allowed = METHODS[method]
    with daemon.channel() as channel:
        call = channel.unary_unary(SERVICE + method)
        try:
            call(
                request().SerializeToString(), timeout=10,
                metadata=bearer(make_token(role=role)))
            code = grpc.StatusCode.OK
        except grpc.RpcError as error:
            code = error.code()
            if role not in allowed:
                with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
                    raise
    if role in allowed:
        assert code in (
            grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)
    else:
        assert code == grpc.StatusCode.PERMISSION_DENIED


def test_a_token_that_was_taken_before_is_refused_once_it_has_expired(daemon):
    metadata = bearer(make_token(ttl=2))
    assert get_plan(daemon, metadata).plan.code == "vps"
    time.sleep(2.5)
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        get_plan(daemon, metadata)


def test_an_error_tells_nothing_of_the_token(daemon):
    token = make_token(secret=SECRET.swapcase())
    with refused("UNAUTHENTICATED") as error:
        get_plan(daemon, bearer(token))
    assert token.split(".")[1] not in str(error.status)
    assert token not in daemon.stderr
