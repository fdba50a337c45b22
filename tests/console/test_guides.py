"""What docs/sign-in.md and docs/household.md say is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from skill.cli import sayso
from skill.console import access
from skill.console.household_limits import LAST_MONTH
from skill.guard.pairing import PAIRING_LENGTH, PAIRING_TTL, PAIRING_WRONG_MAX
from skill.guard.policy import KNOBS
from skill.platforms.signed_token import _ALGORITHMS
from skill.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("sign-in.md", "household.md")


def words_of(guide: str) -> str:
    return " ".join((DOCS / guide).read_text("utf-8").split())


def test_the_figures_of_signing_in_are_the_ones_in_force() -> None:
    words = words_of("sign-in.md")
    (short, few), (long, more) = access.TRIES
    for told in (
        f"for {access.LINK_LASTS.total_seconds() / 3600:.0f} hours",
        f"at least {access.PASSPHRASE_LENGTH_MIN} characters",
        f"{few} wrong tries in {short.total_seconds() / 60:.0f} minutes and {more} in a day",
        f"after {access.SESSION_IDLE.total_seconds() / 60:.0f} minutes in which nobody came",
        f"after {access.SESSION_LASTS.total_seconds() / 3600:.0f} hours in any case",
        f"is {access.RECENT.total_seconds() / 60:.0f} minutes old",
        f"good for {access.INVITATION_LASTS.days} days",
        f"are {' and '.join(_ALGORITHMS)}.",
    ):
        assert told in words, told
    assert 24 * 3600 == long.total_seconds()


def test_the_figures_of_the_household_are_the_ones_in_force() -> None:
    words = words_of("household.md")
    for told in (
        f"the last {LAST_MONTH.days} days",
        f"the {PAIRING_LENGTH} letters",
        f"good for {PAIRING_TTL.total_seconds() / 60:.0f} minutes",
        f"after {PAIRING_WRONG_MAX} wrong ones",
        f"({KNOBS['undo_window_s'].default / 60:.0f} minutes unless",
    ):
        assert told in words, told


@pytest.mark.parametrize("guide", GUIDES)
def test_every_page_that_is_named_is_there(flask: Flask, guide: str) -> None:
    served = {re.sub(r"<\w+>", "TOKEN", rule.rule) for rule in flask.url_map.iter_rules()}
    named = set(re.findall(r"`(/(?:household|console|sign-in|welcome)[\w/-]*)`", (DOCS / guide).read_text("utf-8")))
    assert named
    # The issuer's way back is there where one is set.
    assert set() == named - served - {"/sign-in/done"}


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_and_command_that_is_named_is_there(guide: str) -> None:
    text = (DOCS / guide).read_text("utf-8")
    known = {f"SAYSO_{field.name.upper()}" for field in fields(Settings)}
    assert set() == set(re.findall(r"SAYSO_[A-Z_]+", text)) - known
    for topic, command in re.findall(r"^sayso ([a-z-]+) ([a-z-]+)", text, re.MULTILINE):
        group = sayso.get_command(None, topic)  # type: ignore[arg-type]
        assert command in group.commands, command  # type: ignore[attr-defined]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_link_leads_somewhere(guide: str) -> None:
    text = (DOCS / guide).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [] == [link for link in links if not (DOCS / link).exists()]


def test_every_setting_of_the_sign_in_is_explained() -> None:
    text = (DOCS / "sign-in.md").read_text("utf-8")
    settings = [field.name for field in fields(Settings) if field.name.startswith("sign_in_")]
    assert [] == [each for each in settings if f"`SAYSO_{each.upper()}`" not in text]


def test_every_picture_is_shown_on_a_page() -> None:
    pages = "".join(each.read_text("utf-8") for each in (*DOCS.glob("*.md"), DOCS.parent / "README.md"))
    shown = set(re.findall(r"pictures/([\w-]+\.png)", pages))
    assert {each.name for each in (DOCS / "pictures").iterdir()} == shown
