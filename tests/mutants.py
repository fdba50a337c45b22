"""Would the tests of the guard and of the shop notice a changed line? `make mutants` asks, and docs/mutation.md keeps the answer.

    python -m tests.mutants [--jobs N] [--docs FILE]

mutmut changes one place of `skill/guard` or `skill/shop` at a time and runs the tests that pass through it. It works on a copy
below `.cache/`, prepared so that it sees more: it leaves decorated functions alone, so caches are taken off and properties are
made without their decorator. What survives is asked again in a process of its own, because a function that only runs while its
module is imported has run before mutmut switches the change on.

Ends with 1 where something survived that the page does not explain, or where the page explains what no longer survives.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / ".cache" / "mutants"
PAGE = ROOT / "docs" / "mutation.md"
MUTATED = ("guard", "shop")
TESTED = ("tests/guard", "tests/shop")

#: The longest that the tests may take with one change, run alone.
ALONE_S_MAX = 300

#: What mutmut notes of a change: nobody noticed, no test passes through it. Anything else was noticed, or ran out of time.
_SURVIVED = (0, 33)

_CONFIGURATION = """
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "--import-mode=importlib"
pythonpath = ["."]

[tool.mutmut]
source_paths = ["skill"]
only_mutate = ["skill/guard/*", "skill/shop/*"]
also_copy = ["skill", "docs"]
pytest_add_cli_args_test_selection = ["tests/guard", "tests/shop"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "--hypothesis-profile", "mutants"]
track_dependencies = false
use_git_change_detection = false
"""

#: A line of the page: `function`: `line` → `changed line`. Why.
_EXPLAINED = re.compile(r"^- `(?P<function>[\w.]+)`: `(?P<old>.+?)` → `(?P<new>.*?)`\. (?P<why>\S.*)$")


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """A change that was made: the lines without their indentation, several of them joined by " ⏎ "."""

    file: str
    function: str
    old: str
    new: str


def read_page(text: str) -> dict[Mutant, str]:
    """The explained survivors of docs/mutation.md, each with the reason."""
    explained, file = {}, ""
    for line in text.splitlines():
        if line.startswith("### `"):
            file = line.split("`")[1]
        elif found := _EXPLAINED.match(line):
            explained[Mutant(file, found["function"], found["old"], found["new"])] = found["why"]
    return explained


def without_decorators(source: str) -> str:
    """The same module, its caches off and its properties made by a call."""
    lines: list[str] = []
    below: str | None = None  # the call that makes a property of the function above, due at the end of its body
    indent = ""
    for line in source.splitlines():
        blank = not line.strip()
        if below and not blank and len(line) - len(line.lstrip()) <= len(indent):
            lines, below = [*lines, below], None
        if re.match(r"@(lru_)?cache\b", line):
            continue
        if line.strip() == "@property":
            indent = line[: line.index("@")]
            continue
        lines.append(line)
        if indent and (named := re.match(rf"{indent}def (\w+)\(self\)", line)):
            below = f"{indent}{named[1]} = property({named[1]})"
    return "\n".join([*lines, *([below] if below else [])]) + "\n"


def make_copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    (COPY / "skill").mkdir(parents=True)
    for path in sorted((ROOT / "skill").glob("*.py")):
        shutil.copy(path, COPY / "skill")
    for room in (*MUTATED, "speech", "dialogue", "ordering"):
        shutil.copytree(ROOT / "skill" / room, COPY / "skill" / room, ignore=ignored)
    for room in MUTATED:
        for path in (COPY / "skill" / room).glob("*.py"):
            # `audit.py` has the properties of a Protocol, which no code of ours ever runs.
            path.write_text(without_decorators(path.read_text("utf-8")), "utf-8")
    (COPY / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", COPY / "tests")
    for room in TESTED:
        shutil.copytree(ROOT / room, COPY / room, ignore=ignored)
    shutil.copytree(ROOT / "docs", COPY / "docs")
    (COPY / "pyproject.toml").write_text(_CONFIGURATION, "utf-8")


def run_mutmut(*arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=COPY, stdout=subprocess.PIPE, text=True, check=True).stdout


def noticed_alone(name: str) -> bool:
    """Whether the tests fail with the change switched on before anything is imported; the file's own tests come first."""
    _, room, module, _ = name.split(".", 3)
    own = f"tests/{room}/test_{module}.py"
    tests = [*([own] if (COPY / own).exists() else []), *TESTED]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    try:
        ended = subprocess.run(
            [*command, "--hypothesis-profile", "mutants", *tests],
            cwd=COPY / "mutants",
            env={**os.environ, "MUTANT_UNDER_TEST": name, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=ALONE_S_MAX,
        )
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode != 0


def results() -> Iterator[tuple[str, str, int | None]]:
    """(File, mutmut's name of the change, exit code of the tests)."""
    for path in sorted((COPY / "mutants").glob("skill/*/*.py.meta")):
        file = path.relative_to(COPY / "mutants").as_posix().removesuffix(".meta")
        for name, code in json.loads(path.read_text("utf-8"))["exit_code_by_key"].items():
            yield file, name, code


def describe(file: str, name: str) -> Mutant:
    old, new = [], []
    for line in run_mutmut("show", name).splitlines():
        if line.startswith("-") and not line.startswith("---"):
            old.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            new.append(line[1:].strip())
    function = re.sub(r"__mutmut_\d+$", "", name.rpartition(".")[2])
    function = function.removeprefix("x_") if not function.startswith("xǁ") else function[2:].replace("ǁ", ".")
    return Mutant(file, function, " ⏎ ".join(old), " ⏎ ".join(new))


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--page", type=Path, default=PAGE)
    asked = options.parse_args()
    make_copy()
    subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", str(asked.jobs)], cwd=COPY, check=True)
    found = list(results())
    doubtful = [(file, name) for file, name, code in found if code in _SURVIVED]
    with ThreadPoolExecutor(asked.jobs) as threads:
        noticed = threads.map(noticed_alone, [name for _, name in doubtful])
        survived = [each for each, was in zip(doubtful, noticed, strict=True) if not was]
    return report([file for file, _, _ in found], [describe(*each) for each in survived], asked.page)


def report(files: Sequence[str], survivors: Sequence[Mutant], page: Path) -> int:
    made, left = Counter(files), Counter(mutant.file for mutant in survivors)
    print("\n| file | changed | noticed | survived |\n| --- | --- | --- | --- |")
    for file in sorted(made):
        print(f"| `{file}` | {made[file]:,} | {made[file] - left[file]:,} | {left[file]} |")
    print(f"| all | {len(files):,} | {len(files) - len(survivors):,} | {len(survivors)} |")
    explained = read_page(page.read_text("utf-8")) if page.exists() else {}
    unexplained = sorted(set(survivors) - explained.keys())
    outdated = sorted(explained.keys() - set(survivors))
    for title, mutants in (("Survived, and not explained", unexplained), ("Explained, and noticed now", outdated)):
        if mutants:
            print(f"\n{title} in {page.name}:")
        for each in mutants:
            print(f"{each.file}\n- `{each.function}`: `{each.old}` → `{each.new}`.")
    return 1 if unexplained or outdated else 0


if __name__ == "__main__":
    sys.exit(main())
