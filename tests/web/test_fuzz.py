"""Whatever is posted to a webhook, it is answered or refused: no failure of ours, no stack trace, and the store goes on."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from skill.simulator import SIMULATED_USER
from skill.simulator.envelopes import PLATFORMS, envelopes_for, path_of

EVENTS = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "platforms" / "events").glob("*.json"))
]
PATHS = [path_of(platform) for platform in PLATFORMS]
INTENTS = (
    "find_products",
    "add_to_cart",
    "choose_item",
    "set_quantity",
    "check_out",
    "give_code",
    "yes",
    "no",
    "nonsense",
)
SLOTS = ("product_query", "product", "quantity", "ordinal", "item_description", "code", "number", "nonsense")
HEARD = (
    st.sampled_from(["?", "", "0", "-1", "1.5", "1000000000", "NaN", "a dozen", "milk", "٤٢٧١", "42 71"]) | st.text()
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HEARD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def answered(client, path, body):
    answer = client.post(path, data=body, content_type="application/json")
    assert answer.status_code in (200, 400), answer.data
    assert answer.is_json
    assert b"Traceback" not in answer.data


def paths(value, at=()):
    yield at
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from paths(inner, (*at, key))


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(EVENTS), st.sampled_from(PATHS))
def test_an_envelope_with_nonsense_in_it(client, data, event, path):
    envelope = copy.deepcopy(event)
    at = data.draw(st.sampled_from([each for each in paths(envelope) if each]))
    holder = envelope
    for key in at[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[at[-1]] = data.draw(JSON)
    else:
        del holder[at[-1]]
    answered(client, path, json.dumps(envelope))


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(PATHS),
)
def test_a_body_of_nonsense(client, body, path):
    answered(client, path, body)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PLATFORMS),
    st.lists(
        st.tuples(st.sampled_from(INTENTS), st.dictionaries(st.sampled_from(SLOTS), HEARD, max_size=3)),
        min_size=1,
        max_size=8,
    ),
)
def test_a_conversation_of_nonsense(client, platform, said):
    envelopes = envelopes_for(platform, SIMULATED_USER, locale="en-US")
    for intent, slots in said:
        answer = client.post(
            envelopes.path, data=json.dumps(envelopes.intent(intent, slots)), content_type="application/json"
        )
        assert 200 == answer.status_code, answer.data
        heard = envelopes.heard(answer.get_json())
        assert heard.speech
