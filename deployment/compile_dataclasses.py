"""Compiles what `@dataclass` writes in the package in FOLDER: `python -S deployment/compile_dataclasses.py FOLDER`.

Run by the runtime's own Python over the package's own modules. A module that cannot be imported here, because it needs a library
built for another processor, is left to compile at its start.
"""

from __future__ import annotations

import dataclasses
import marshal
import sys
from hashlib import sha256
from importlib import import_module
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import ModuleType
from typing import Any

#: What the functions import when they start, besides the adapters.
STARTED = ("skill.app", "skill.background", "skill.platforms.alexa_turns", "skill.platforms.dialogflow_cx")

#: Libraries of machine code that are imported at a start. Built for another processor, they cannot be here; their names can.
NATIVE = ("orjson",)


class StandIn(ModuleType):
    """Has whatever it is asked for: enough to import by, where nothing is run."""

    def __getattr__(self, name: str) -> int:
        return 0


def main(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    for name in NATIVE:
        try:
            import_module(name)
        except ImportError:
            sys.modules[name] = StandIn(name)
    compiled: dict[bytes, bytes] = {}

    def run(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
        code = compile(source, "<dataclass>", "exec")
        compiled[sha256(source.encode()).digest()] = marshal.dumps(code)
        exec(code, variables, names)

    vars(dataclasses)["exec"] = run
    adapters = (
        f"skill.adapters.aws.{path.stem}" for path in sorted((folder / "skill" / "adapters" / "aws").glob("*.py"))
    )
    pages = ("skill.web",) if (folder / "skill" / "web.py").exists() else ()
    for name in (*STARTED, *pages, *adapters):
        try:
            import_module(name)
        except ImportError as missing:
            print(f"{name} is compiled at its start: {missing}", file=sys.stderr)
    (folder / "lambda" / "dataclasses.compiled").write_bytes(MAGIC_NUMBER + marshal.dumps(compiled))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
