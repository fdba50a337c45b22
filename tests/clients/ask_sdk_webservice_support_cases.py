"""What Amazon's own verifiers for Python (ask-sdk-webservice-support) say of forged requests: a line of JSON for each case.

    python ask_sdk_webservice_support_cases.py FILE     {"now": milliseconds, "roots": [PEM], "cases": [{"pem", "headers", "body"}]}

The clock, the roots that are trusted and what is fetched are the file's; everything else is Amazon's code as it ships. It runs
in a process of its own, because of what has to be done so that it can be imported at all.
"""

from __future__ import annotations

import io
import json
import re
import sys
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace


@contextmanager
def _versions_of_two_digits():
    """oscrypto 1.3.0, far below the verifier, reads the version of OpenSSL with a pattern that knows no 3.0.10."""
    search = re.search

    def wider(pattern, text, flags=0):
        return search(
            pattern.replace(r"\d\.\d\.\d[a-z]*", r"\d\.\d\.\d+[a-z]*") if text[:7] == "OpenSSL" else pattern,
            text,
            flags,
        )

    re.search = wider
    try:
        yield
    finally:
        re.search = search


def main() -> None:
    warnings.simplefilter("ignore")
    with _versions_of_two_digits():
        from ask_sdk_webservice_support import verifier
    from asn1crypto import pem
    from certvalidator import CertificateValidator, ValidationContext

    given = json.loads(Path(sys.argv[1]).read_text())
    now = datetime.fromtimestamp(given["now"] / 1000, UTC)
    roots = [pem.unarmor(each.encode())[2] for each in given["roots"]]

    class Stopped(datetime):
        @classmethod
        def utcnow(cls):
            return now.replace(tzinfo=None)

        @classmethod
        def now(cls, tz=None):
            return now.astimezone(tz)

    def validator(end, others):
        return CertificateValidator(end, others, ValidationContext(trust_roots=roots, moment=now))

    verifier.datetime = Stopped
    verifier.CertificateValidator = validator
    for each in given["cases"]:
        chain = each["pem"].encode()
        verifier.urlopen = lambda url, chain=chain: io.BytesIO(chain)
        why = ""
        try:
            verifier.RequestVerifier().verify(each["headers"], each["body"], None)
            request = json.loads(each["body"])["request"]
            sent_at = datetime.fromisoformat(request["timestamp"]) if "timestamp" in request else None
            envelope = SimpleNamespace(request=SimpleNamespace(timestamp=sent_at, object_type=request["type"]))
            verifier.TimestampVerifier().verify(each["headers"], each["body"], envelope)
        except Exception as error:  # noqa: BLE001  # whatever it raises is a refusal, which its web service answers with an error
            why = f"{type(error).__name__}: {error}"
        print(json.dumps({"accepted": not why, "why": why}))


if __name__ == "__main__":
    main()
