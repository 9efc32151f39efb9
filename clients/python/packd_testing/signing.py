"""Keys as an identity provider has them: RSA, signing RS256, made of nothing but arithmetic."""

import base64
import hashlib
import json
import random
import time

PRIME_BITS = 1024
EXPONENT = 65537
SMALL_PRIMES = [
    number for number in range(3, 2000, 2)
    if all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2))]
# RFC 8017, section 9.2, note 1: what stands before a SHA-256 digest.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def make_prime(choose):
    while True:
        # The two highest bits are set, so that the product of two has its full length.
        number = choose.getrandbits(PRIME_BITS) | 1 | 3 << PRIME_BITS - 2
        if all(number % prime for prime in SMALL_PRIMES) and pow(2, number - 1, number) == 1:
            return number


class SigningKey:
    """A key of 2048 bits, the same for the same seed."""

    def __init__(self, kid, seed):
        choose = random.Random(seed)
        p, q = make_prime(choose), make_prime(choose)
        self.kid = kid
        self.modulus = p * q
        self.secret = pow(EXPONENT, -1, (p - 1) * (q - 1))

    @property
    def size(self):
        return (self.modulus.bit_length() + 7) // 8

    @property
    def jwk(self):
        """The public half, RFC 7517."""
        return {
            "kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256",
            "n": base64url(self.modulus.to_bytes(self.size, "big")),
            "e": base64url(EXPONENT.to_bytes(3, "big")),
        }

    def token(self, sub="user-1", role="Admin", ttl=3600):
        header = {"alg": "RS256", "kid": self.kid}
        claims = {"sub": sub, "role": role, "exp": int(time.time()) + ttl}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        digest = DIGEST_INFO + hashlib.sha256(signed.encode()).digest()
        padded = b"\x00\x01" + b"\xff" * (self.size - len(digest) - 3) + b"\x00" + digest
        signature = pow(int.from_bytes(padded, "big"), self.secret, self.modulus)
        return f"{signed}.{base64url(signature.to_bytes(self.size, 'big'))}"


def key_set(*keys):
    """A JWK set as a file has it."""
    return json.dumps({"keys": [key.jwk for key in keys]})
