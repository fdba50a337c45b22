"""A reminder of an order that waits for an adult: offered where the device can, set where the shopper has given leave."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from skill.app import build_app
from skill.cli.demo import DEMO_HOUSEHOLD, ensure_demo_household
from skill.guard.policy_file import PolicyChange
from skill.households import change_policy
from skill.platforms.alexa import AlexaSkill
from skill.platforms.alexa_request import REMINDERS_SCOPE, read_turn
from skill.settings import Settings
from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import AlexaEnvelopes
from tests.platforms.signing import NOW


class StoppedClock:
    def now_utc(self):
        return NOW


class Reminders:
    def __init__(self):
        self.works, self.set = True, []

    def remind(self, endpoint, token, text, locale, *, after, now):
        self.set.append((endpoint, token, text, locale, after))
        return self.works


@pytest.fixture
def reminders():
    return Reminders()


@pytest.fixture
def app(sample_store, tmp_path, reminders):
    shutil.copytree(sample_store, tmp_path / "data")
    opened = build_app(Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "data" / "keys"), clock=StoppedClock())
    ensure_demo_household(opened)
    limits = PolicyChange({"adult_approval_over": 100})
    change_policy(opened.ports, "household", DEMO_HOUSEHOLD, limits, "kim", "everything is asked for")
    yield replace(opened, ports=replace(opened.ports, reminders=reminders))
    opened.close()


@pytest.fixture
def speaker(app):
    """`speaker(status)`: what says an intent to a device that can remind, and gives (speech, the response)."""

    def start(status="GRANTED"):
        skill, envelopes = AlexaSkill(app.answer, store="corner-store", skill_id=None), AlexaEnvelopes(SIMULATED_USER)

        def say(intent, slots=None):
            envelope = envelopes.intent(intent, slots or {})
            if status is not None:
                system = envelope["context"]["System"]
                system |= {"apiEndpoint": "https://api.amazonalexa.com", "apiAccessToken": "token"}
                system["user"]["permissions"] = {"scopes": {REMINDERS_SCOPE: {"status": status}}}
            response = skill.invoke_json(json.dumps(envelope))
            return envelopes.heard(response).speech, response["response"]

        say("find_products", {"product_query": "milk"})
        say("add_to_cart", {"ordinal": "1", "quantity": "2"})
        return say

    return start


def test_an_order_that_waits_for_an_adult_is_reminded_of_on_a_yes(app, reminders, speaker):
    say = speaker()
    assert "need an adult" in say("check_out")[0]
    assert "I will remind you" in say("yes")[0]
    [(endpoint, token, text, locale, after)] = reminders.set
    assert ("https://api.amazonalexa.com", "token", "en-US", timedelta(minutes=30)) == (endpoint, token, locale, after)
    assert "waiting for an adult" in text
    assert () == tuple(app.ports.orders.recent(DEMO_HOUSEHOLD, 10))


def test_without_leave_a_card_asks_for_it_and_nothing_is_set(reminders, speaker):
    say = speaker("DENIED")
    say("check_out")
    words, response = say("yes")
    assert "Alexa app" in words
    assert {"type": "AskForPermissionsConsent", "permissions": [REMINDERS_SCOPE]} == response["card"]
    assert [] == reminders.set


def test_a_no_sets_nothing_and_a_yes_after_it_means_nothing(reminders, speaker):
    say = speaker()
    say("check_out")
    say("no")
    say("yes")
    assert [] == reminders.set


def test_a_reminder_that_could_not_be_set_is_not_promised(reminders, speaker):
    reminders.works = False
    say = speaker()
    say("check_out")
    assert "could not set" in say("yes")[0]


def test_a_device_that_cannot_remind_is_not_asked(speaker):
    assert "remind" not in speaker(None)("check_out")[0]


def test_nobody_is_reminded_of_what_will_have_lapsed(app, speaker):
    short = PolicyChange({"approval_ttl_s": 3600})
    change_policy(app.ports, "household", DEMO_HOUSEHOLD, short, "kim", "an hour")
    assert "remind" not in speaker()("check_out")[0]


def test_the_token_is_in_no_representation_of_the_turn():
    envelope = AlexaEnvelopes(SIMULATED_USER).intent("help")
    envelope["context"]["System"] |= {"apiEndpoint": "https://api.amazonalexa.com", "apiAccessToken": "sesame"}
    turn = read_turn(envelope, store="corner-store", default_locale="en-US")
    assert turn.reminders is not None
    assert "sesame" == turn.reminders.token
    assert "sesame" not in repr(turn)
