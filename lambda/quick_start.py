"""Code that the standard library's dataclasses write, compiled when the package was built.

`@dataclass` writes methods as text and compiles them at every start, which took a quarter of an instance's time to its first
answer. The package holds what was compiled then, under the text's digest, beside the modules' own `.pyc`. A text that is not there
is compiled as ever.
"""

from __future__ import annotations

import dataclasses
import marshal
from hashlib import sha256
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

COMPILED = Path(__file__).with_name("dataclasses.compiled")


def use_compiled_dataclasses(compiled: Path = COMPILED) -> None:
    """Until `settle_in` is called. Changes nothing where there is no such file, or another Python wrote it."""
    try:
        written = compiled.read_bytes()
    except FileNotFoundError:
        return
    if not written.startswith(MAGIC_NUMBER):
        return
    known: dict[bytes, bytes] = marshal.loads(written[len(MAGIC_NUMBER) :])

    def run(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
        code = known.get(sha256(source.encode()).digest())
        exec(marshal.loads(code) if code else source, variables, names)

    # Found by `dataclasses` before the built-in of that name.
    dataclasses.__dict__["exec"] = run


def compile_as_ever() -> None:
    """Forgets what `use_compiled_dataclasses` has read."""
    dataclasses.__dict__.pop("exec", None)
