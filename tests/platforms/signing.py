"""A certificate authority of our own, so that whole and broken chains can be made at will."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-12.pem"

# Making RSA keys takes longest, and any key will do.
_keys: dict[str, rsa.RSAPrivateKey] = {}


def key_named(name: str) -> rsa.RSAPrivateKey:
    if name not in _keys:
        _keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _keys[name]


@dataclass
class Chain:
    """A root, an intermediate and a signer. Each attribute is one way of being wrong."""

    san: str | None = "echo-api.amazon.com"
    signer_from: datetime = NOW - DAY
    signer_until: datetime = NOW + DAY
    intermediate_until: datetime = NOW + 100 * DAY
    intermediate_is_ca: bool = True
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH
    signed_by: str = "intermediate"
    elliptic: bool = False
    certificates: dict[str, x509.Certificate] = field(init=False)

    def __post_init__(self) -> None:
        root = _certificate("root", "root", ca=True, until=NOW + 1000 * DAY)
        intermediate = _certificate("intermediate", "root", ca=self.intermediate_is_ca, until=self.intermediate_until)
        signer = _certificate(
            "signer",
            self.signed_by,
            ca=False,
            start=self.signer_from,
            until=self.signer_until,
            san=self.san,
            usage=self.usage,
            key=ec.generate_private_key(ec.SECP256R1()) if self.elliptic else None,
            issuer="intermediate",
        )
        self.certificates = {"root": root, "intermediate": intermediate, "signer": signer}

    @property
    def root(self) -> x509.Certificate:
        return self.certificates["root"]

    def pem(self, *names: str) -> bytes:
        named = names or ("signer", "intermediate", "root")
        return b"".join(self.certificates[name].public_bytes(serialization.Encoding.PEM) for name in named)


def sign(body: bytes, key: str = "signer", algorithm: hashes.HashAlgorithm | None = None) -> str:
    signature = key_named(key).sign(body, padding.PKCS1v15(), algorithm or hashes.SHA256())
    return b64encode(signature).decode()


def _certificate(
    name, signed_by, *, ca, until, start=NOW - 10 * DAY, san=None, usage=None, key=None, issuer=None
) -> x509.Certificate:
    signing = key_named(signed_by)
    public = (key or key_named(name)).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or signed_by)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if san:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(san)]), critical=False)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(signing, hashes.SHA256())
