"""Certificates as an authority would issue them, and files with them."""

import datetime
import ipaddress
import ssl

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .daemon import CHANNEL_OPTIONS

LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


class Certificate:
    """A certificate with its key, both in PEM form."""

    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())

    @property
    def serial(self):
        return self.certificate.serial_number

    def write(self, certificate_file, key_file):
        """Into the files that a daemon reads; the key's file is its owner's alone."""
        certificate_file.write_bytes(self.pem)
        key_file.touch(mode=0o600)
        key_file.write_bytes(self.key_pem)


class Authority(Certificate):
    """A root, and what it issues."""

    def __init__(self, name="packd tests"):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        certificate = builder(subject, subject, key.public_key(), days=1).add_extension(
            constraints, critical=True).sign(key, hashes.SHA256())
        super().__init__(certificate, key)

    def issue(self, name="packd", alternatives=(LOOPBACK,), usage=ExtendedKeyUsageOID.SERVER_AUTH,
              days=30, begin=None):
        """A certificate with these alternative names, valid for that many days from `begin`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
        made = builder(subject, self.certificate.subject, key.public_key(), days, begin)
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if alternatives:
            made = made.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=not name)
        return Certificate(made.sign(self.key, hashes.SHA256()), key)

    def issue_client(self, name="client", alternatives=(), **options):
        return self.issue(name, alternatives, ExtendedKeyUsageOID.CLIENT_AUTH, **options)


def builder(subject, issuer, public_key, days, begin=None):
    begin = begin or datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
        .public_key(public_key).serial_number(x509.random_serial_number())
        .not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=days)))


def secure_channel(address, authority, client=None):
    """A channel with a TLS connection of its own, by an official client."""
    credentials = grpc.ssl_channel_credentials(
        authority.pem, client and client.key_pem, client and client.pem)
    return grpc.secure_channel(address, credentials, options=CHANNEL_OPTIONS)


def client_context(authority, folder, client=None, alpn=("h2",)):
    """What Python's ssl dials with; the client's files are made in `folder`."""
    context = ssl.create_default_context(cadata=authority.pem.decode())
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if client:
        certificate, key = folder / "client.pem", folder / "client.key"
        client.write(certificate, key)
        context.load_cert_chain(certificate, key)
    return context
