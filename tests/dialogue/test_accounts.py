"""Events and pairing, from Alexa's envelope to the household's record."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest

from skill.app import build_app
from skill.cli.demo import SAMPLE
from skill.guard.pairing import PAIRINGS_OPEN_MAX
from skill.guard.policy_file import PolicyChange
from skill.households import change_policy, create_household, pair_account
from skill.platforms.alexa import AlexaSkill
from skill.settings import Settings
from skill.shop.cart import Cart, CartLine
from skill.shop.catalogue import Sku
from skill.shop.households import guest_owner
from skill.simulator.envelopes import AlexaEnvelopes, DialogflowCxEnvelopes
from tests.platforms.signing import NOW

USER = "amzn1.ask.account.KIM"
REMINDERS = "alexa::alerts:reminders:skill:readwrite"
ORDER_STATUS = "AMAZON.OrderStatus.Updated"


class SetClock:
    now = NOW

    def now_utc(self):
        return self.now


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def app(tmp_path, clock):
    shutil.copyfile(SAMPLE / "store.yaml", tmp_path / "store.yaml")
    opened = build_app(Settings(data_dir=tmp_path, keys_dir=tmp_path / "keys"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def home(app):
    made = create_household(
        app.ports, name="Kim", address="7 Mill Road", time_zone="Europe/Rome", email="", who="test", household_id="home"
    )
    app.ports.households.link(made.household_id, "alexa", USER, NOW - timedelta(days=1))
    return made


@pytest.fixture
def send(app, clock):
    """`send(event, body, **request)`: an event that Alexa sends; what is answered."""
    skill = AlexaSkill(app.answer, store="corner-store", skill_id=None)
    envelopes = AlexaEnvelopes(USER, now=clock.now_utc)

    def send_event(name, body=None, **request):
        envelope = envelopes.event(name, body or {})
        envelope["request"] |= request
        return skill.invoke_json(json.dumps(envelope))["response"]

    send_event.say = lambda intent: envelopes.heard(skill.invoke_json(json.dumps(envelopes.intent(intent))))
    return send_event


def kinds(app):
    return [entry.kind for entry in app.ports.ledger.audit("home", 50)]


def test_disabling_the_skill_unlinks_and_is_audited(app, home, send):
    assert {} == send("AlexaSkillEvent.SkillDisabled", {"userInformationPersistenceStatus": "NOT_PERSISTED"})
    assert app.ports.households.of_user("alexa", USER) is None
    assert "account_left" == kinds(app)[-1]
    assert USER not in str([entry.facts for entry in app.ports.ledger.audit("home", 50)])


def test_disabling_drops_the_sessions_of_the_household(app, home, send):
    send.say("help")
    state = "SELECT count(*) FROM sessions"
    assert [(1,)] == app.database.read(lambda c: c.execute(state).fetchall())
    send("AlexaSkillEvent.SkillDisabled")
    assert [(0,)] == app.database.read(lambda c: c.execute(state).fetchall())


def test_news_of_a_disabling_that_comes_after_a_new_link_is_old(app, home, send):
    app.ports.households.link("home", "alexa", USER, NOW)
    send("AlexaSkillEvent.SkillDisabled", eventCreationTime="2026-11-21T09:20:00Z")
    assert app.ports.households.of_user("alexa", USER) is not None


def test_an_event_delivered_twice_changes_nothing_more(app, home, send):
    send("AlexaSkillEvent.SkillDisabled")
    send("AlexaSkillEvent.SkillDisabled")
    assert 1 == kinds(app).count("account_left")


@pytest.mark.parametrize("event", ["SkillPermissionAccepted", "SkillPermissionChanged"])
def test_what_is_allowed_is_on_record(app, home, send, event):
    send(f"AlexaSkillEvent.{event}", {"acceptedPermissions": [{"scope": REMINDERS}, {"scope": 7}, "x"]})
    assert (REMINDERS,) == app.ports.accounts.granted("alexa", USER, "permissions")
    assert "account_granted" == kinds(app)[-1]
    send(f"AlexaSkillEvent.{event}", {"acceptedPermissions": []})
    assert () == app.ports.accounts.granted("alexa", USER, "permissions")


def test_what_is_subscribed_to_is_on_record(app, home, send):
    send("AlexaSkillEvent.ProactiveSubscriptionChanged", {"subscriptions": [{"eventName": ORDER_STATUS}]})
    assert (ORDER_STATUS,) == app.ports.accounts.granted("alexa", USER, "subscriptions")


def test_an_event_that_says_nothing_of_it_takes_nothing_back(app, home, send):
    send("AlexaSkillEvent.SkillPermissionAccepted", {"acceptedPermissions": [{"scope": REMINDERS}]})
    send("AlexaSkillEvent.SkillPermissionChanged", {})
    assert (REMINDERS,) == app.ports.accounts.granted("alexa", USER, "permissions")


@pytest.mark.parametrize(
    "event", ["AlexaSkillEvent.SkillEnabled", "Messaging.MessageReceived", "Reminders.ReminderStarted"]
)
def test_other_events_are_taken_silently(app, home, send, event):
    before = kinds(app)
    assert {} == send(event)
    assert before == kinds(app)
    assert app.ports.households.of_user("alexa", USER) is not None


def test_a_question_whether_it_could_be_done_touches_no_cart(app, home, clock):
    skill = AlexaSkill(app.answer, store="corner-store", skill_id=None)
    envelopes = AlexaEnvelopes(USER, now=clock.now_utc)
    for intent in (
        "add_to_cart",
        "check_out",
        "clear_cart",
        "confirm_order",
        "give_code",
        "pair_device",
        "find_products",
    ):
        asked = envelopes.can_fulfill(intent, {"quantity": "2"})
        answered = skill.invoke_json(json.dumps(asked))["response"]["canFulfillIntent"]
        assert ("YES" if intent == "find_products" else "NO") == answered["canFulfill"]
    assert () == app.ports.carts.load("home").lines
    tables = ("carts", "sessions", "answers", "pairings", "orders", "code_attempts")
    assert [0] * 6 == [
        app.database.read(lambda c, t=t: c.execute(f"SELECT count(*) FROM {t}").fetchone()[0]) for t in tables
    ]


def test_the_code_that_a_speaker_reads_out_links_it(app, home, send):
    send("AlexaSkillEvent.SkillDisabled")
    heard = send.say("pair_device")
    letters = heard.speech.split("code is: ")[1].split(". An")[0]
    assert " ".join(letters.split(". ")) in heard.card.text
    assert ("alexa", USER) == pair_account(app.ports, "home", letters, "kim")
    assert "linked to a household already" in send.say("pair_device").speech
    assert "account_paired" == kinds(app)[-1]


def test_what_was_put_aside_before_pairing_is_in_the_households_cart_within_its_limits(app, home, send):
    send("AlexaSkillEvent.SkillDisabled")
    guest = guest_owner("alexa", USER)
    app.ports.carts.save(guest, Cart((CartLine(Sku("milk-1"), 7),)))
    change_policy(app.ports, "household", "home", PolicyChange({"quantity_per_line_max": 3}), "kim", "a small fridge")
    letters = send.say("pair_device").speech.split("code is: ")[1].split(". An")[0]
    pair_account(app.ports, "home", letters, "kim")
    assert (CartLine(Sku("milk-1"), 3),) == app.ports.carts.load("home").lines
    assert () == app.ports.carts.load(guest).lines


def test_when_too_many_codes_are_open_the_shopper_hears_so(app, send):
    for number in range(PAIRINGS_OPEN_MAX):
        app.ports.pairings.begin("alexa", f"flood-{number}", NOW)
    assert "Too many devices" in send.say("pair_device").speech


def test_a_guest_whom_nobody_vouches_for_gets_no_code(app):
    from skill.platforms.dialogflow_cx import DialogflowCx

    envelopes = DialogflowCxEnvelopes("tab-1")
    heard = envelopes.heard(DialogflowCx(app.answer, store="corner-store").handle(envelopes.intent("pair_device")))
    assert "can't tell whose device" in heard.speech
    assert 0 == app.database.read(lambda c: c.execute("SELECT count(*) FROM pairings").fetchone()[0])


class Tokens:
    """Linked accounts: the token `t-kim` is Kim's."""

    def read(self, token):
        return token.removeprefix("t-") if token.startswith("t-") else None


@pytest.fixture
def linked(app, clock):
    """`linked(token)` gives (envelopes, send) of a speaker whose account brings that token."""
    skill = AlexaSkill(app.answer, store="corner-store", skill_id=None, accounts=Tokens())

    def open_linked(token, where="context"):
        envelopes = AlexaEnvelopes("amzn1.ask.account.NEW", now=clock.now_utc)

        def send(envelope):
            envelope = json.loads(json.dumps(envelope))
            envelope["context"]["System"]["user"].pop("accessToken", None)
            if token:
                holder = envelope["context"]["System"]["user"] if where == "context" else envelope["session"]["user"]
                holder["accessToken"] = token
            return skill.invoke_json(json.dumps(envelope))["response"]

        return envelopes, send

    return open_linked


@pytest.mark.parametrize("where", ["context", "session"])
def test_a_linked_accounts_token_tells_the_household(app, home, linked, where):
    app.ports.households.link("home", "account", "kim", NOW)
    envelopes, send = linked("t-kim", where)
    assert "One order may cost" in send(envelopes.intent("show_limits"))["outputSpeech"]["ssml"]


@pytest.mark.parametrize("token", ["", "forged", "t-alex"])
def test_without_a_token_that_holds_the_shopper_is_asked_to_sign_in(app, home, linked, token):
    app.ports.households.link("home", "account", "kim", NOW)
    envelopes, send = linked(token)
    response = send(envelopes.intent("check_out"))
    assert "not linked" in response["outputSpeech"]["ssml"]
    assert {"type": "LinkAccount"} == response["card"]


def test_where_accounts_are_not_linked_nobody_is_asked_to_sign_in(app, send):
    skill = AlexaSkill(app.answer, store="corner-store", skill_id=None)
    response = skill.invoke_json(json.dumps(AlexaEnvelopes("nobody").intent("check_out")))["response"]
    assert "card" not in response


def test_the_token_counts_before_an_older_link_of_the_speaker(app, home, linked):
    other = create_household(
        app.ports, name="Alex", address="1 Elm", time_zone="Europe/Rome", email="", who="test", household_id="other"
    )
    app.ports.households.link(other.household_id, "account", "kim", NOW)
    app.ports.households.link("home", "alexa", "amzn1.ask.account.NEW", NOW)
    envelopes, send = linked("t-kim")
    send(envelopes.intent("freeze_ordering"))
    assert "limit_tightened" in [entry.kind for entry in app.ports.ledger.audit("other", 50)]
    assert "limit_tightened" not in kinds(app)
    assert {"frozen": [False, True]} == app.ports.ledger.last_audit("other", 1)[0].facts["changed"]
    send(envelopes.intent("lower_limit", {"amount": "20"}))
    told = app.ports.ledger.last_audit("other", 1)[0].facts
    assert ("order_max", "USD", {"order_max": [5000, 2000]}) == (told["knob"], told["currency"], told["changed"])


def test_linking_an_account_is_audited_and_the_token_is_kept_nowhere(app, home, linked):
    app.ports.households.link("home", "account", "kim", NOW)
    envelopes, send = linked("")
    assert {} == send(envelopes.event("AlexaSkillEvent.SkillAccountLinked", {"accessToken": "t-kim"}))
    assert "account_linked" == kinds(app)[-1]
    assert "t-kim" not in str(app.ports.ledger.audit("home", 50))
    assert app.ports.households.of_user("alexa", "amzn1.ask.account.NEW") is None
