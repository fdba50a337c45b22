"""Dialogflow's envelopes by the thousand, made from Google's own protocol buffers: each is answered or refused, and buys nothing.

Alexa's and Actions Builder's are in tests/web/test_model_fuzz.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skill.app import build_app
from skill.cli.demo import ensure_demo_household, make_sample_store
from skill.settings import Settings
from skill.turn import Kind
from tests.platforms.signing import NOW
from tests.web.model_envelopes import FRESH, INTENTS, heard, locales, paths_of_sessions, proto_envelopes, words
from tests.web.watched import WatchedStore

pytestmark = pytest.mark.clients

EXAMPLES = max(1500, settings.default.max_examples)
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

_named = st.sampled_from(INTENTS) | words
#: What Google's messages say is a text, by its name in JSON, and without what an envelope is refused at the door.
TEXTS = {
    "session": paths_of_sessions,
    "detectIntentResponseId": st.just(FRESH),
    "responseId": st.just(FRESH),
    "languageCode": locales,
    "displayName": _named,
    "tag": _named,
    "action": _named,
    "queryText": heard,
    "text": heard,
}
CX_NEEDED = {
    "WebhookRequest": ("detectIntentResponseId", "sessionInfo", "fulfillmentInfo"),
    "SessionInfo": ("session", "parameters"),
    "FulfillmentInfo": ("tag",),
}
ES_NEEDED = {
    "WebhookRequest": ("session", "responseId", "queryResult"),
    "QueryResult": ("intent", "parameters"),
    "Intent": ("displayName",),
}


class StoppedClock:
    def now_utc(self) -> Any:
        return NOW


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedStore]:
    folder = tmp_path_factory.mktemp("fuzzed")
    make_sample_store(folder / "sample")
    shutil.copytree(folder / "sample", folder / "data")
    app = build_app(Settings(data_dir=folder / "data", keys_dir=folder / "data" / "keys"), clock=StoppedClock())
    ensure_demo_household(app)
    with pytest.MonkeyPatch.context() as patch:
        watched = WatchedStore(app, patch)
        yield watched
    watched.check_books()
    app.close()


def cx_envelopes() -> st.SearchStrategy[dict[str, Any]]:
    from google.cloud.dialogflowcx_v3 import types

    descriptor = types.WebhookRequest.pb(types.WebhookRequest()).DESCRIPTOR
    # "text" is also a list of texts in the agent's own messages, which say nothing of what was heard.
    return proto_envelopes(descriptor, TEXTS, CX_NEEDED)


def es_envelopes() -> st.SearchStrategy[dict[str, Any]]:
    from google.cloud import dialogflow_v2

    descriptor = dialogflow_v2.WebhookRequest.pb(dialogflow_v2.WebhookRequest()).DESCRIPTOR
    return proto_envelopes(descriptor, TEXTS, ES_NEEDED)


def test_envelopes_of_dialogflow_cx(store: WatchedStore) -> None:
    before = dict(store.understood)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=QUIET)
    @given(cx_envelopes())
    def run(envelope: dict[str, Any]) -> None:
        store.post("/dialogflow/cx", envelope)

    run()
    assert store.understood[Kind.INTENT] - before.get(Kind.INTENT, 0) > EXAMPLES // 2


def test_envelopes_of_dialogflow_es(store: WatchedStore) -> None:
    before = dict(store.understood)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=QUIET)
    @given(es_envelopes())
    def run(envelope: dict[str, Any]) -> None:
        store.post("/dialogflow/es", envelope)

    run()
    assert store.understood[Kind.INTENT] - before.get(Kind.INTENT, 0) > EXAMPLES // 2


def test_the_books_add_up_after_all_of_them(store: WatchedStore) -> None:
    store.check_books()
