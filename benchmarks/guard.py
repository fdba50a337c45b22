"""The guard: what one decision costs, and that one check of a code derives exactly one key.

    python benchmarks/guard.py [--rounds 15] [--json]

A decision is `decide()` over a full basket, twenty earlier orders, a person with a profile, and a policy in which every knob of
every level is set and none is passed, so that nothing is left out and every rule is gone through. The floor only reads: every
knob, name, cap, line, charge and earlier order once, with a single comparison each and no rule. Both run in blocks side by side;
the figures are medians over the rounds of CPU time.

A check is `try_code` on the embedded store, with its two commits. Derivations are counted at the argon2 library's own functions,
for a right code, a wrong one, the same request again, and a locked household; its CPU time is set against one bare verification.

Goals: a decision at most 100 microseconds and 8 times the floor; one derivation for a code that is checked, none for one that is
not; a check at most 1.5 times a bare verification. Exits with 1 where one is missed; a slower machine may pass `--decision-us`.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import argon2
from argon2 import _password_hasher as argon2_calls

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skill.adapters.local.keys import FileKeys
from skill.adapters.sqlite.database import Database
from skill.adapters.sqlite.households import SqliteHouseholds
from skill.adapters.sqlite.ledger import SqliteLedger
from skill.errors import CodeLocked
from skill.guard.decision import Confirm, Proofs, Situation, Spent, decide
from skill.guard.policy import KNOBS, Layer, Policy, effective_policy
from skill.guard.windows import window_charges
from skill.ports import AuditDraft, RequestKey
from skill.shop.catalogue import Sku
from skill.shop.households import Household, HouseholdId
from skill.shop.money import Money
from skill.shop.orders import Order, OrderId, OrderState
from skill.shop.quote import Quote, QuoteLine

DECISIONS_PER_BLOCK = 200
CHECKS_PER_BLOCK = 5

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOME = Household(HouseholdId("hh_1"), "Home", "America/New_York", "1 Elm St", NOW, code_set=True)
CODE_SET = AuditDraft(HOME.household_id, "code_set", NOW)

Asked = tuple[Quote, Situation, Policy, dict[Any, Spent], datetime]


# --- what is decided ----------------------------------------------------------------------------------------------------


def every_knob(names: int) -> dict[str, Any]:
    """A value for every knob that the order keeps within; lists hold `names` names."""
    values: dict[str, Any] = {
        "minor": 10**9, "seconds": 600, "count": 50,
        "set": frozenset(f"Shelf {number}" for number in range(names)),
        "hours": ((1260, 420), (60, 90)),
    }  # fmt: skip
    own = {
        "ordering_enabled": True, "frozen": False, "pin_policy": "over", "pin_over": 0, "no_pin_confirm": "spoken_number",
        "unrecognised_speaker": "pin", "order_gap_min_s": 60, "quantity_per_line_max": 10, "lines_max": 10,
        "categories_allowed": frozenset({"Groceries", *(f"Aisle {number}" for number in range(names))}),
    }  # fmt: skip
    return {name: own.get(name, values.get(knob.kind)) for name, knob in KNOBS.items()}


def asked() -> Asked:
    policy = effective_policy(
        Layer("store", "corner", every_knob(50), 1),
        Layer("household", HOME.household_id, every_knob(20), 1),
        (Layer("profile", "hh_1/child", every_knob(10), 1), Layer("person", "hh_1/kim", every_knob(5), 1)),
        currency="USD",
        age_restricted_categories=frozenset({"Beer", "Wine"}),
    )
    unset = [each.name for each in fields(policy) if getattr(policy, each.name) in (None, (), frozenset())]
    assert [] == unset, unset
    nothing = Money(0, "USD")
    lines = tuple(
        QuoteLine(Sku(f"sku-{n}"), f"Product {n}", "12 oz", 2, Money(199 + n, "USD"), ("Groceries", f"Kind {n}"))
        for n in range(10)
    )
    recent = tuple(_earlier(number, lines[: number % 10 + 1]) for number in range(20))
    charges = window_charges(HOME, "kim", "child", NOW, code_proved=True)
    quote = Quote(
        HOME.household_id, "corner", "Corner Store", "alexa", "kitchen", "s", "kim", lines, Money(499, "USD"),
        Money(88, "USD"), nothing, HOME.address, policy.version, NOW, NOW + timedelta(seconds=120), "n",
    )  # fmt: skip
    situation = Situation(
        platform="alexa", person="kim", recognises_speakers=True, code_set=True, code_locked=False,
        local=datetime(2026, 11, 21, 15, 0), charges=charges, proofs=Proofs(code=True), recent=recent,  # noqa: DTZ001
    )  # fmt: skip
    return quote, situation, policy, {charge: Spent(1000, 1) for charge in charges}, NOW


def _earlier(number: int, lines: tuple[QuoteLine, ...]) -> Order:
    at, nothing = NOW - timedelta(minutes=2 + number), Money(0, "USD")
    return Order(
        OrderId(f"o-{number}"), HOME.household_id, "corner", "Corner Store", OrderState.COMMITTED, lines, nothing, nothing,
        nothing, nothing, "", "alexa", f"c-{number}", at, at, 1800, (),
    )  # fmt: skip


def floor(names: tuple[str, ...], at: Asked) -> bool:
    """Reads everything that there is to decide by, once, and compares it with something."""
    quote, situation, policy, spent, now = at
    total, odd = 0, False
    for line in quote.lines:
        total += line.unit_price.amount * line.quantity
        for category in line.category:
            if category == line.sku:
                odd = True
    for name in names:
        value = getattr(policy, name)
        if value.__class__ is frozenset:
            for each in value:
                if each == name:
                    odd = True
        elif value == total:
            odd = True
    for cap in policy.caps:
        if cap.amount_max == total:
            odd = True
    for charge in situation.charges:
        if spent[charge].amount > total:
            odd = True
    for order in situation.recent:
        if order.reserved_at > now:
            odd = True
        for line in order.lines:
            if line.sku == total:
                odd = True
    return odd


def decision_figures(rounds: int) -> tuple[float, float]:
    """Microseconds of CPU for one decision, and how many times the floor that is."""
    case = asked()
    decision = decide(*case)
    assert Confirm("code", given=True, reasons=(("pin_policy", {}),)) == decision, decision
    names = tuple(each.name for each in fields(case[2]))
    ours, theirs = [], []
    for _ in range(rounds + 1):
        ours.append(_cpu_s(lambda: decide(*case), DECISIONS_PER_BLOCK) / DECISIONS_PER_BLOCK)
        theirs.append(_cpu_s(lambda: floor(names, case), DECISIONS_PER_BLOCK) / DECISIONS_PER_BLOCK)
    ratios = [our / their for our, their in zip(ours[1:], theirs[1:], strict=True)]
    return median(ours[1:]) * 1e6, median(ratios)


# --- what a check derives -----------------------------------------------------------------------------------------------


@contextmanager
def counted_derivations() -> Iterator[list[str]]:
    """Every call of the library that derives a key, in order: `verify` checks a code, `hash` sets one."""
    calls: list[str] = []
    originals = {name: getattr(argon2_calls, name) for name in ("hash_secret", "verify_secret")}

    def counting(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(name.removesuffix("_secret"))
            return originals[name](*args, **kwargs)

        return call

    for name in originals:
        setattr(argon2_calls, name, counting(name))
    try:
        yield calls
    finally:
        for name, original in originals.items():
            setattr(argon2_calls, name, original)


class _Clock:
    def now_utc(self) -> datetime:
        return NOW


def check_figures(rounds: int) -> tuple[dict[str, int], float]:
    """Derivations by what is asked, and a check's CPU time as a multiple of a bare verification."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "sayso.db")
        try:
            keys = FileKeys(Path(folder) / "keys")
            households = SqliteHouseholds(database, keys, _Clock(), SqliteLedger(database, keys))
            households.create(HOME)
            households.set_code(HOME.household_id, "4271", CODE_SET)
            return _counts(households), _check_ratio(households, rounds)
        finally:
            database.close()


def _counts(households: SqliteHouseholds) -> dict[str, int]:
    counts = {}
    with counted_derivations() as calls:
        for what, code, request, right in (
            ("right code", "4271", "c-1", True),
            ("the same request again", "4271", "c-1", True),
            ("wrong code", "9999", "c-2", False),
            ("five digits", "42711", "c-3", False),
            ("third wrong code", "8888", "c-4", False),
            ("right code of a locked household", "4271", "c-5", None),
        ):
            calls.clear()
            try:
                said = households.try_code(HOME.household_id, code, RequestKey("alexa", request, "b"))
            except CodeLocked:
                said = None
            assert right is said, f"{what}: {said}"
            counts[what] = len(calls)
    households.set_code(HOME.household_id, "4271", CODE_SET)
    return counts


def _check_ratio(households: SqliteHouseholds, rounds: int) -> float:
    stored = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16)
    sealed = stored.hash("4271")
    ratios = []
    for number in range(max(rounds // 3, 3)):
        requests = iter(range(CHECKS_PER_BLOCK))

        def check(at: int = number, left: Iterator[int] = requests) -> None:
            households.try_code(HOME.household_id, "4271", RequestKey("alexa", f"r-{at}-{next(left)}", "b"))

        ours = _cpu_s(check, CHECKS_PER_BLOCK)
        ratios.append(ours / _cpu_s(lambda: stored.verify(sealed, "4271"), CHECKS_PER_BLOCK))
    return median(ratios)


def _cpu_s(call: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        call()
    return time.process_time() - start


# --- the report ---------------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--decision-us", type=float, default=100, help="the most that a decision may cost, in microseconds"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    gc.collect()
    gc.freeze()
    microseconds, ratio = decision_figures(options.rounds)
    counts, check_ratio = check_figures(options.rounds)
    checked = {what for what in counts if what not in ("the same request again", "right code of a locked household")}
    goals = {
        f"a decision at most {options.decision_us:g} µs": microseconds <= options.decision_us,
        "a decision at most 8 times the floor": ratio <= 8,
        "exactly one derivation for a code that is checked": {counts[what] for what in checked} == {1},
        "no derivation for one that is not": {counts[what] for what in counts.keys() - checked} == {0},
        "a check at most 1.5 times a bare verification": check_ratio <= 1.5,
    }
    if options.json:
        figures = {
            "decision_us": microseconds,
            "decision_ratio": ratio,
            "derivations": counts,
            "check_ratio": check_ratio,
        }
        print(json.dumps(figures | {"goals": goals}))
        return 0 if all(goals.values()) else 1
    print(f"decide(), every knob set    {microseconds:8.1f} µs   {ratio:6.2f} × reading everything once")
    print(f"one check of a code         {'':8}      {check_ratio:6.2f} × one bare verification")
    for what, derivations in counts.items():
        print(f"  {what:<34} {derivations} key derivation{'' if derivations == 1 else 's'}")
    for goal, met in goals.items():
        print(f"{'met   ' if met else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
