"""Whether a request over HTTPS comes from Alexa: signature, certificate chain and age.

The rules: https://developer.amazon.com/docs/alexa/custom-skills/host-a-custom-skill-as-a-web-service.html#manually-verify-request-sent-by-alexa
"""

from __future__ import annotations

import binascii
import posixpath
import re
import warnings
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, DNSName, load_pem_x509_certificate, load_pem_x509_certificates
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from skill.errors import RequestRejected
from skill.platforms.envelope import object_in, read_time
from skill.platforms.fetch import fetch_file

SIGNATURE_HEADER = "Signature-256"
CHAIN_URL_HEADER = "SignatureCertChainUrl"
CHAIN_HOST = "s3.amazonaws.com"
CHAIN_PATH = "/echo.api/"
SIGNER = "echo-api.amazon.com"

REQUEST_AGE_MAX_S = 150
EVENT_AGE_MAX_S = 3600
_EVENT_FAMILY = "AlexaSkillEvent."

CHAIN_CERTIFICATES_MAX = 10
CHAINS_KEPT_MAX = 8
#: Chains that may be fetched at once: a flood of made-up addresses must not take every thread.
FETCHES_AT_ONCE_MAX = 2

_PEM = re.compile(b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PADDING = PKCS1v15()
_HASH = SHA256()


class _Envelope(Protocol):
    @property
    def raw(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Chain:
    """A chain that was verified: the signer's key, and while every certificate of it is valid."""

    key: RSAPublicKey
    valid_from: datetime
    valid_until: datetime


class AlexaVerifier:
    """Checks every request as Amazon asks. Raises `RequestRejected`, which names the rule that was broken.

    `roots` are the trusted certificates, `now` the time in UTC, `fetch` gives the bytes at an https address. It has the shape of
    flask-ask-sdk's verifiers.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        roots: Sequence[Certificate] | None = None,
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        self._now = now
        self._store = Store(list(roots) if roots is not None else _read_trusted_roots())
        self._fetch = fetch or fetch_chain
        self._chains: OrderedDict[str, _Chain] = OrderedDict()
        self._lock = Lock()
        self._fetches = BoundedSemaphore(FETCHES_AT_ONCE_MAX)

    def verify(
        self, headers: Mapping[str, str], serialized_request_env: str | bytes, deserialized_request_env: _Envelope
    ) -> None:
        body = serialized_request_env.encode() if isinstance(serialized_request_env, str) else serialized_request_env
        self.check_signature(headers, body)
        self.check_age(deserialized_request_env.raw)

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        """That Alexa signed the very bytes of `body`. The older `Signature`, over SHA-1, counts for nothing."""
        try:
            signature = b64decode(headers.get(SIGNATURE_HEADER) or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise RequestRejected(f"{SIGNATURE_HEADER} is not Base64") from error
        if not signature:
            raise RequestRejected(f"{SIGNATURE_HEADER} is missing")
        chain = self._chain(canonical_chain_url(headers.get(CHAIN_URL_HEADER) or ""))
        try:
            chain.key.verify(signature, body, _PADDING, _HASH)
        except InvalidSignature as error:
            raise RequestRejected("the signature does not fit the body") from error

    def check_age(self, envelope: Mapping[str, Any]) -> None:
        """That the request was sent at most 150 seconds ago (or ahead); an hour for skill events, which come late."""
        request = object_in(envelope, "request")
        sent_at = read_time(request.get("timestamp"), "request.timestamp")
        if sent_at is None:
            raise RequestRejected("request.timestamp is missing")
        age_s = (self._now() - sent_at).total_seconds()
        named = request.get("type")
        is_event = isinstance(named, str) and named.startswith(_EVENT_FAMILY)
        if not -REQUEST_AGE_MAX_S <= age_s <= (EVENT_AGE_MAX_S if is_event else REQUEST_AGE_MAX_S):
            raise RequestRejected("the request is too old, or from the future")

    def _chain(self, url: str) -> _Chain:
        now = self._now()
        with self._lock:
            chain = self._chains.get(url)
        if chain is None or not chain.valid_from <= now <= chain.valid_until:
            if not self._fetches.acquire(blocking=False):
                raise RequestRejected("too many certificate chains are being fetched")
            try:
                chain = self._verify_chain(self._fetch(url), now)
            finally:
                self._fetches.release()
            with self._lock:
                self._chains[url] = chain
                while len(self._chains) > CHAINS_KEPT_MAX:
                    self._chains.popitem(last=False)
        return chain

    def _verify_chain(self, pem: bytes, now: datetime) -> _Chain:
        """Raises `RequestRejected` unless the first certificate is the signer's and the others lead to a trusted root."""
        try:
            signer, *others = load_pem_x509_certificates(pem)
        except ValueError as error:
            raise RequestRejected("the certificate chain cannot be read") from error
        if len(others) >= CHAIN_CERTIFICATES_MAX:
            raise RequestRejected("the certificate chain is too long")
        policy = PolicyBuilder().store(self._store).time(now).build_server_verifier(DNSName(SIGNER))
        try:
            verified = policy.verify(signer, others)
            key = signer.public_key()
        except (VerificationError, ValueError) as error:
            raise RequestRejected("the certificate chain is not trusted") from error
        if not isinstance(key, RSAPublicKey):
            raise RequestRejected("the signer's key is not RSA")
        return _Chain(
            key,
            valid_from=max(each.not_valid_before_utc for each in verified),
            valid_until=min(each.not_valid_after_utc for each in verified),
        )


def canonical_chain_url(url: str) -> str:
    """The one address that `url` means, if it is Amazon's. Raises `RequestRejected`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RequestRejected(f"{CHAIN_URL_HEADER} is no address") from error
    path = posixpath.normpath(parts.path)
    if (
        not url.isascii()
        or not url.isprintable()
        or parts.scheme.lower() != "https"
        or (parts.hostname or "").lower() != CHAIN_HOST
        or "@" in parts.netloc
        or port not in (None, 443)
        or parts.query
        or parts.fragment
        or not path.startswith(CHAIN_PATH)
        # What a server makes of an encoded ".." is not ours to guess.
        or unquote(path) != path
        or "\\" in path
    ):
        raise RequestRejected(f"{CHAIN_URL_HEADER} is not an address of Amazon's certificates")
    return f"https://{CHAIN_HOST}{path}"


def fetch_chain(url: str) -> bytes:
    """The PEM file at `url`. Raises `RequestRejected` where it cannot be had in time, or is too long."""
    return fetch_file(url, "the certificate chain")


def _read_trusted_roots() -> list[Certificate]:
    """The roots of Mozilla's list. Some are older than today's rules for certificates: those that cannot be read are left out."""
    import certifi

    roots = []
    with open(certifi.where(), "rb") as bundle, warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for pem in _PEM.findall(bundle.read()):
            with suppress(ValueError):
                roots.append(load_pem_x509_certificate(pem))
    return roots
