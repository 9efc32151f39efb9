"""Bearer tokens as an identity provider would issue them."""

import time

import jwt

# 32 bytes or more, as HS256 asks for.
SECRET = "packd-tests-0123456789abcdef-0123456789abcdef"

ROLES = ("Admin", "Support", "Sales", "StackUser", "Seller", "Service")


def make_token(role="Admin", sub="user-1", ttl=3600, secret=SECRET, algorithm="HS256", **claims):
    """A token that ends `ttl` seconds from now; a claim given as None is left out."""
    payload = {"sub": sub, "role": role, "exp": int(time.time()) + ttl, **claims}
    payload = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(payload, secret, algorithm=algorithm)


def bearer(token):
    """Call metadata that carries a token."""
    return (("authorization", f"Bearer {token}"),)
