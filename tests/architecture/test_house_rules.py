"""Rules of the house that no linter knows: where the clock, the environment, chance and floats may be, and where not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

# Reading the machine's clock. Everything else asks the injected one; simulated platforms stamp their requests themselves.
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns",
}  # fmt: skip
CLOCK_ROOMS = ("skill/adapters/*/clock.py", "skill/simulator/envelopes/shapes.py")

# Reading the process's environment. Settings take a mapping; whoever starts the process hands it over.
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb", "environ", "getenv"}
# AWS's own variables are read by AWS's clients, botocore's and ours alike.
ENVIRONMENT_ROOMS = ("skill/cli/*", "skill/web.py", "lambda/*", "skill/adapters/aws/wire.py")

# An instance of a Lambda function starts by being imported, so that a wrong setting shows before the first request.
STARTED_BY_IMPORT = ("lambda/*",)

# Unguessable things come from the Keys port, and nothing that decides may be left to chance. (The web names incidents.)
CHANCE = {"random", "secrets", "uuid"}
CHANCE_ROOMS = ("skill/adapters/*", "skill/simulator/*", "skill/web.py", "interaction_models/*")

# Where money is counted, but for the reader of policies, which names floats in order to refuse them, and for the connection to
# the database, whose floats are seconds.
MONEY_ROOMS = (
    "skill/shop/money.py",
    "skill/shop/quote.py",
    "skill/shop/cart.py",
    "skill/shop/orders.py",
    "skill/guard/*",
    "skill/ordering/*",
    "skill/ports.py",
    "skill/adapters/sqlite/*",
    "skill/adapters/local/payments.py",
    "skill/adapters/local/store_file.py",
)
NO_MONEY_ROOMS = ("skill/guard/policy_file.py", "skill/adapters/sqlite/database.py")

# Where nobody may ask which platform is talking: capabilities are data on the turn.
PLATFORM_BLIND_ROOMS = ("skill/dialogue/*", "skill/shop/*", "skill/guard/*", "skill/speech/*", "skill/search/*")
PLATFORM_NAMES = {"alexa", "dialogflow", "dialogflow_cx", "dialogflow-cx", "dialogflow_es", "actions_builder"}

# The outermost edges, where an error that nobody foresaw becomes an apology and a log line; and the database's shared
# transaction, which hands each error to the thread whose write it was.
EDGES = (
    "skill/web.py",
    "skill/background.py",
    "skill/cli/*",
    "lambda/*",
    "skill/dialogue/converse.py",
    "skill/platforms/*",
    "skill/adapters/sqlite/database.py",
)


def within(path: str, rooms: tuple[str, ...]) -> bool:
    return any(fnmatch(path, room) for room in rooms)


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def mentions(tree: ast.AST, names: set[str]) -> list[int]:
    """Lines on which one of the dotted names stands."""
    return [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute) and dotted(node) in names
    ]


def imports(tree: ast.AST, modules: set[str]) -> list[int]:
    """Lines on which one of the top-level modules is imported."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [node.lineno for alias in node.names if alias.name.split(".")[0] in modules]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found += [node.lineno for _ in [node.module] if (node.module or "").split(".")[0] in modules]
    return found


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def float_lines(tree: ast.AST) -> list[int]:
    """Lines with a float literal, the name float, or a true division (other than a path's, by a text)."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not is_text(node.right))
    ]


def strings(tree: ast.AST, values: set[str]) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in values
    ]


def blind_excepts(tree: ast.AST) -> list[int]:
    """Lines that catch everything and keep it. Tidying up and raising it again is no catching."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if not raised_again and any(
                kind is None or dotted(kind) in {"Exception", "BaseException"} for kind in caught
            ):
                found.append(node.lineno)
    return found


def import_time(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when the module is imported: everything outside the bodies of functions."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        elif not isinstance(node, ast.Lambda) and dotted(getattr(node, "test", node)) != "TYPE_CHECKING":
            yield node
            waiting += list(ast.iter_child_nodes(node))


def where(found: dict[str, list[int]]) -> list[str]:
    return [f"{path}:{line}" for path, lines in found.items() for line in lines]


def test_only_the_clock_adapter_reads_the_clock(sources: dict[str, ast.Module]) -> None:
    found = {path: mentions(tree, CLOCKS) for path, tree in sources.items() if not within(path, CLOCK_ROOMS)}
    assert [] == where(found)


def test_only_who_starts_the_process_reads_the_environment(sources: dict[str, ast.Module]) -> None:
    found = {path: mentions(tree, ENVIRONMENT) for path, tree in sources.items() if not within(path, ENVIRONMENT_ROOMS)}
    assert [] == where(found)


def test_nothing_is_opened_or_read_from_the_environment_while_importing(sources: dict[str, ast.Module]) -> None:
    opening = {"open", "sqlite3.connect", "boto3.client", "boto3.resource", "boto3.Session", "socket.socket"}
    found = {
        path: [
            node.lineno
            for node in import_time(tree)
            if (isinstance(node, ast.Call) and dotted(node.func) in opening)
            or (isinstance(node, ast.Name | ast.Attribute) and dotted(node) in ENVIRONMENT | CLOCKS)
        ]
        for path, tree in sources.items()
        if not within(path, STARTED_BY_IMPORT)
    }
    assert [] == where(found)


def test_chance_comes_from_the_keys_port(sources: dict[str, ast.Module]) -> None:
    found = {path: imports(tree, CHANCE) for path, tree in sources.items() if not within(path, CHANCE_ROOMS)}
    assert [] == where(found)


def test_no_float_comes_near_money(sources: dict[str, ast.Module]) -> None:
    counted = {path for path in sources if within(path, MONEY_ROOMS) and not within(path, NO_MONEY_ROOMS)}
    found = {path: float_lines(sources[path]) for path in counted}
    assert [] == where(found)


def test_rules_and_dialogue_know_no_platform_by_name(sources: dict[str, ast.Module]) -> None:
    found = {
        path: strings(tree, PLATFORM_NAMES) for path, tree in sources.items() if within(path, PLATFORM_BLIND_ROOMS)
    }
    assert [] == where(found)


def test_everything_is_caught_only_at_the_outermost_edge(sources: dict[str, ast.Module]) -> None:
    found = {path: blind_excepts(tree) for path, tree in sources.items() if not within(path, EDGES)}
    assert [] == where(found)


def test_no_module_state_is_rewritten_by_functions(sources: dict[str, ast.Module]) -> None:
    found = {
        path: [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Global)] for path, tree in sources.items()
    }
    assert [] == where(found)


@pytest.mark.parametrize(
    ("finder", "source"),
    [
        (lambda tree: mentions(tree, CLOCKS), "from datetime import datetime, UTC\ndatetime.now(UTC)"),
        (lambda tree: mentions(tree, CLOCKS), "import time\nstart = time.time()"),
        (lambda tree: mentions(tree, ENVIRONMENT), "import os\nx = os.environ['SAYSO_HOST']"),
        (lambda tree: imports(tree, CHANCE), "from random import choice"),
        (lambda tree: imports(tree, CHANCE), "import secrets"),
        (float_lines, "tax = price * 0.19"),
        (float_lines, "share = total / 3"),
        (float_lines, "price = float(text)"),
        (lambda tree: strings(tree, PLATFORM_NAMES), "if turn.platform == 'alexa': pass"),
        (blind_excepts, "try:\n    pass\nexcept Exception:\n    pass"),
        (blind_excepts, "try:\n    pass\nexcept (ValueError, BaseException):\n    pass"),
        (blind_excepts, "try:\n    pass\nexcept:\n    pass"),
        (lambda tree: [n.lineno for n in import_time(tree) if isinstance(n, ast.Call)], "connection = connect()"),
        (lambda tree: [n.lineno for n in import_time(tree) if isinstance(n, ast.Call)], "def f(now=now()): pass"),
    ],
)
def test_the_rules_see_what_they_look_for(finder, source: str) -> None:  # type: ignore[no-untyped-def]
    assert [] != finder(ast.parse(source))


def test_the_body_of_a_function_does_not_run_while_importing() -> None:
    tree = ast.parse("def connect():\n    return open('x')")
    assert [] == [node for node in import_time(tree) if isinstance(node, ast.Call)]
