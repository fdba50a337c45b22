"""Envelopes by the thousand, made from the platforms' own models: each is answered or refused, and buys nothing.

Dialogflow's are in tests/clients/test_dialogflow_fuzz.py: Google's models are not among what `make test` installs. Together they
are 5,000, and several times as many with the profile `nightly`.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from skill.simulator.envelopes import AlexaEnvelopes
from skill.turn import Kind
from tests.platforms.signing import NOW
from tests.web.conftest import open_copy
from tests.web.model_envelopes import actions_envelopes, alexa_envelopes, alexa_models
from tests.web.watched import WatchedStore

#: As many as the profile asks for, and never fewer.
ALEXA = max(1500, settings.default.max_examples)
ACTIONS = max(500, settings.default.max_examples)
QUIET = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
]


@pytest.fixture(scope="module")
def store(sample_store, tmp_path_factory):
    app = open_copy(sample_store, tmp_path_factory.mktemp("fuzzed") / "data")
    with pytest.MonkeyPatch.context() as patch:
        watched = WatchedStore(app, patch)
        yield watched
    watched.check_books()
    app.close()


@settings(max_examples=ALEXA, deadline=None, suppress_health_check=QUIET)
@given(alexa_envelopes())
def test_alexas_envelopes(store, envelope):
    store.post("/alexa", envelope)


@settings(max_examples=ACTIONS, deadline=None, suppress_health_check=QUIET)
@given(actions_envelopes())
def test_actions_builders_envelopes(store, envelope):
    store.post("/actions", envelope)


def test_a_guest_who_leaves_takes_their_own_cart_along(store):
    alexa = AlexaEnvelopes("amzn1.ask.account.GUEST", now=lambda: NOW)
    for envelope in (
        alexa.intent("add_to_cart", {"product": "milk"}),
        alexa.intent("choose_item", {"ordinal": "1"}),
        alexa.event("AlexaSkillEvent.SkillDisabled"),
    ):
        store.post("/alexa", envelope)


def test_most_of_them_were_understood_as_something(store):
    """Or nothing was tried: what is refused at the door comes no further."""
    kinds = (Kind.INTENT, Kind.LAUNCH, Kind.EVENT, Kind.TASK_RESULT, Kind.CAN_FULFILL, Kind.SESSION_ENDED, Kind.UNKNOWN)
    assert all(store.understood[kind] for kind in kinds), store.understood
    assert store.understood[Kind.INTENT] > (ALEXA + ACTIONS) // 3
    assert store.understood.total() > (ALEXA + ACTIONS) // 2


def test_the_books_add_up_after_all_of_them(store):
    store.check_books()


def test_every_request_type_that_amazon_publishes_is_among_them():
    assert {"LaunchRequest", "IntentRequest", "AlexaSkillEvent.SkillDisabled", "Connections.Response"} <= set(
        alexa_models()
    )
    assert len(alexa_models()) > 50
