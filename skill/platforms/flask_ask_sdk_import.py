"""Imports flask-ask-sdk where its own import fails.

`flask_ask_sdk` imports Amazon's verifier, which imports certvalidator, which imports oscrypto; and oscrypto 1.3.0 cannot read
the version of OpenSSL 3.0.10 or later, so that the import fails on today's machines. Sayso verifies requests itself
(`alexa_verify.py`) and turns Amazon's verifier off. So for the moment of the import, and for it alone, stand-ins take
certvalidator's place: nothing installed is touched, and whoever imports the real certvalidator later gets the real one.
"""

from __future__ import annotations

import sys
from threading import Lock
from types import ModuleType
from typing import Any

_importing = Lock()


def import_skill_adapter() -> type[Any]:
    """The class `flask_ask_sdk.skill_adapter.SkillAdapter`, which has no types."""
    with _importing:
        before = {name: sys.modules.get(name) for name in ("certvalidator", "certvalidator.errors")}
        if before["certvalidator"] is None:
            sys.modules.update(_stand_ins())
        try:
            from flask_ask_sdk.skill_adapter import SkillAdapter
        finally:
            for name, module in before.items():
                if module is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = module
    adapter: type[Any] = SkillAdapter
    return adapter


class CertificateValidator:
    """Refuses to be what certificates are checked with."""

    def __init__(self, *_: Any) -> None:
        raise NotImplementedError("requests are verified by skill.platforms.alexa_verify, and by nothing else")


def _stand_ins() -> dict[str, ModuleType]:
    validator: Any = ModuleType("certvalidator")
    errors: Any = ModuleType("certvalidator.errors")
    validator.CertificateValidator = CertificateValidator
    errors.ValidationError = type("ValidationError", (Exception,), {})
    errors.PathError = type("PathError", (Exception,), {})
    return {"certvalidator": validator, "certvalidator.errors": errors}
