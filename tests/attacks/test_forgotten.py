"""A household that was deleted: whoever reads every file of the store finds nobody in it, and the books are whole."""

from __future__ import annotations

import re
from datetime import timedelta

from skill.console import access
from skill.guard.policy_file import PolicyChange
from skill.households import (
    assign_profile,
    change_policy,
    create_household,
    delete_household,
    pair_account,
    set_purchase_code,
)
from skill.ordering.checking import verify_audit
from skill.ordering.sweeping import sweep
from skill.shop.households import HouseholdId
from tests.attacks.conftest import Shop

USER, VOICE, CHILD = "amzn-canary-account", "amzn-canary-person", "amzn-canary-child"


def live(shop: Shop) -> HouseholdId:
    """A household that has done everything that leaves a trace. Whatever could name somebody has "canary" in it."""
    ports = shop.app.ports
    home = create_household(
        ports, name="The Canarys", address="7 Canary Wharf", time_zone="America/New_York",
        email="kim@canary.example", who="operator",
    ).household_id  # fmt: skip
    enrolled = access.enrol(
        ports, access.make_sign_in_link(ports, access.PARENT, home).rpartition("/")[2],
        "kim.canary", "seven green kites sing", "seven green kites sing",
    )  # fmt: skip
    access.open_session(ports, enrolled, "")
    access.invite_address(ports, home, "lee@canary.example")
    guest = shop.talk("alexa", USER)
    guest.say("find bananas")
    guest.say("add 1 of the first one")
    said = guest.say("give me a pairing code").heard.speech
    pair_account(ports, home, re.search(r"(?:[A-Z]\. ){5}[A-Z]", said)[0], enrolled.account_id)
    ports.accounts.grant("alexa", USER, "permissions", ["alexa::devices:all:address:full:read"], shop.clock.now)
    set_purchase_code(ports, home, "4271", enrolled.account_id)
    at_any_hour = PolicyChange({"quiet_hours": None, "order_gap_min_s": 0, "orders_per_day_max": None})
    change_policy(ports, "household", home, at_any_hour, enrolled.account_id, "the canary wakes early")
    change_policy(
        ports, "profile", f"{home}/canary-child", PolicyChange({"order_max": 5000}), "operator", "a canary asked"
    )
    change_policy(ports, "person", f"{home}/{VOICE}", PolicyChange({"day_max": 9000}), "operator", "for the canary")
    assign_profile(ports, home, CHILD, "canary-child", "operator")
    for speaker in (VOICE, CHILD):
        shop.quoted("alexa", USER, speaker=speaker).verify("achieved")
        shop.clock.advance(700)
    sweep(ports, shop.clock.now)  # these receipts are handed on, later ones wait
    talk = shop.quoted("alexa", USER)
    talk.say("0 4 8 2")
    talk.say("4 2 7 1")
    shop.talk("alexa", USER, speaker=VOICE).say("cancel my order")
    change_policy(ports, "household", home, PolicyChange({"adult_approval_over": 0}), enrolled.account_id, "")
    shop.quoted("alexa", USER, speaker=CHILD)
    return home


def kept(shop: Shop) -> dict[str, list[str]]:
    """Where "canary" stands, by file: never in what is encrypted."""
    found = {}
    for path in shop.app.settings.data_dir.rglob("*"):
        if path.is_file() and ".index" not in path.name:
            text = path.read_bytes().decode("latin-1")
            found[path.name] = re.findall(r".{0,40}canary.{0,40}", text, re.IGNORECASE)
    return {name: places for name, places in found.items() if places}


def test_nobody_is_named_in_any_file_once_a_household_is_deleted(shop: Shop) -> None:
    home = live(shop)
    ports = shop.app.ports
    assert {"sayso.db-wal", "notices.jsonl"} <= kept(shop).keys()

    delete_household(ports, home, "operator")
    # What was answered is kept for two days, for platforms that ask again.
    shop.clock.advance(timedelta(days=3).total_seconds())
    sweep(ports, shop.clock.now)
    shop.app.database.cut_log()

    assert {} == kept(shop)
    assert 3 == len(ports.orders.list(9, household_id=home))
    assert () == verify_audit(ports, home)
    assert all(not each.personal for each in ports.ledger.audit(home, 500))
