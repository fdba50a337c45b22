from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from skill.platforms.flask_ask_sdk_import import import_skill_adapter
adapter = import_skill_adapter()
assert adapter is import_skill_adapter()
assert adapter.__module__ == "flask_ask_sdk.skill_adapter"
assert not [name for name in sys.modules if name.split(".")[0] in ("certvalidator", "oscrypto")]
from ask_sdk_webservice_support.verifier import RequestVerifier
try:
    RequestVerifier()._validate_cert_chain(b"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n")
except Exception as refused:
    assert "alexa_verify" in repr(refused) or "alexa_verify" in repr(refused.__cause__), repr(refused)
else:
    raise SystemExit("Amazon's verifier accepted a chain")
"""

WITH_REAL = """
import sys, types
real = types.ModuleType("certvalidator")
errors = types.ModuleType("certvalidator.errors")
real.CertificateValidator = errors.ValidationError = errors.PathError = Exception
sys.modules.update({"certvalidator": real, "certvalidator.errors": errors})
from skill.platforms.flask_ask_sdk_import import import_skill_adapter
import_skill_adapter()
assert sys.modules["certvalidator"] is real and sys.modules["certvalidator.errors"] is errors
import ask_sdk_webservice_support.verifier as verifier
assert verifier.CertificateValidator is Exception
"""


def run(program):
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


def test_the_import_succeeds_leaves_nothing_behind_and_amazons_verifier_verifies_nothing():
    run(PROGRAM)


def test_a_certvalidator_that_imports_is_left_in_its_place():
    run(WITH_REAL)
