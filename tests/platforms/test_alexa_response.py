from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import ResponseEnvelope
from hypothesis import given, settings
from hypothesis import strategies as st

from skill.platforms.alexa_response import RESPONSE_BYTES_MAX, RESPONSE_BYTES_WANTED, SPEECH_LENGTH_MAX, write_response
from skill.turn import Capability, Display, DisplayItem, Expect, Kind, PlatformTask, Reply, Turn

TURN = Turn("alexa", "corner", "user", "session", "request", "en-US", Kind.INTENT, intent="find_products")
SCREEN = replace(TURN, capabilities=frozenset({Capability.CARD, Capability.SCREEN}))


def respond(reply, turn=TURN, slots=None):
    response = write_response(reply, turn, slots or {})
    # The SDK's own model must know every field of what we send.
    model = DefaultSerializer().deserialize(json.dumps(response), ResponseEnvelope)
    assert model.response is not None
    return response["response"]


def test_an_answer_that_expects_nothing_closes_the_session():
    assert {
        "outputSpeech": {"type": "SSML", "ssml": "<speak>Bye.</speak>"},
        "shouldEndSession": True,
    } == respond(Reply("Bye."))


def test_an_answer_that_expects_something_asks_and_stays_open():
    response = respond(Reply("Milk. More?", Expect.YES_OR_NO, reprompt="Anything more?"))
    assert response["shouldEndSession"] is False
    assert "<speak>Anything more?</speak>" == response["reprompt"]["outputSpeech"]["ssml"]


def test_without_a_reprompt_the_speech_is_asked_again():
    assert "<speak>More?</speak>" == respond(Reply("More?", Expect.FREE))["reprompt"]["outputSpeech"]["ssml"]


@pytest.mark.parametrize("speech", ["", " ", "\x00\u202e"])
def test_a_session_never_stays_open_without_a_question(speech):
    response = respond(Reply(speech, Expect.FREE))
    assert (True, False) == (response["shouldEndSession"], "reprompt" in response)


def test_speech_is_escaped_and_keeps_no_control_or_direction_marks():
    ssml = respond(Reply("<break time='9s'/> M&Ms \u202eevil\x07 \ud800 </speak>"))["outputSpeech"]["ssml"]
    element = ElementTree.fromstring(ssml)
    assert ("speak", 0) == (element.tag, len(element))
    assert "<break time='9s'/> M&Ms  evil    </speak>" == element.text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(Expect))
def test_any_text_becomes_ssml_that_parses(speech, reprompt, expects):
    response = write_response(Reply(speech, expects, reprompt), TURN, {})["response"]
    for spoken in (response.get("outputSpeech"), response.get("reprompt", {}).get("outputSpeech")):
        if spoken:
            assert "speak" == ElementTree.fromstring(spoken["ssml"]).tag
    assert response["shouldEndSession"] is not ("reprompt" in response)


def test_overlong_speech_is_cut_at_a_sentence():
    ssml = respond(Reply("Tom & Jerry eat cheese. " * 1000))["outputSpeech"]["ssml"]
    assert SPEECH_LENGTH_MAX >= len(ssml) > SPEECH_LENGTH_MAX - 100
    assert ssml.endswith("Tom &amp; Jerry eat cheese.</speak>")


def test_the_code_is_elicited_with_all_slots_of_its_intent():
    reply = Reply("Your code?", Expect.CODE, slot=("give_code", "code"))
    assert [
        {
            "type": "Dialog.ElicitSlot",
            "slotToElicit": "code",
            "updatedIntent": {
                "name": "give_code",
                "confirmationStatus": "NONE",
                "slots": {"code": {"name": "code", "confirmationStatus": "NONE"}},
            },
        }
    ] == respond(reply)["directives"]
    several = respond(
        replace(reply, slot=("set_quantity", "quantity")), slots={"set_quantity": ("quantity", "ordinal")}
    )
    assert {"quantity", "ordinal"} == several["directives"][0]["updatedIntent"]["slots"].keys()


def test_a_slot_is_elicited_in_answer_to_a_launch_too():
    reply = Reply("What are you looking for?", Expect.FREE, slot=("find_products", "product_query"))
    [directive] = respond(reply, replace(TURN, kind=Kind.LAUNCH))["directives"]
    assert ("Dialog.ElicitSlot", "product_query", "find_products") == (
        directive["type"],
        directive["slotToElicit"],
        directive["updatedIntent"]["name"],
    )


@pytest.mark.parametrize("kind", [Kind.TASK_RESULT, Kind.UNKNOWN])
def test_no_slot_is_elicited_after_any_other_request(kind):
    reply = Reply("Your code?", Expect.CODE, slot=("give_code", "code"))
    assert "directives" not in respond(reply, replace(TURN, kind=kind))


def test_verifying_the_person_is_handed_to_alexa_which_comes_back():
    response = respond(Reply("One moment.", Expect.CODE, "?", task=PlatformTask("verify_person", "t-1")))
    (directive,) = response["directives"]
    assert "connection://AMAZON.VerifyPerson/2" == directive["uri"]
    assert {"level": 400, "customPolicy": {"policyName": "VOICE_PIN"}} == directive["input"][
        "requestedAuthenticationConfidenceLevel"
    ]
    assert ("t-1", "RESUME_SESSION") == (directive["token"], directive["onCompletion"])
    assert {"outputSpeech", "directives"} == response.keys()


def test_sending_to_the_phone_is_the_card():
    response = respond(Reply("Look.", display=Display("note", "T"), task=PlatformTask("send_to_phone", "t")))
    assert {"outputSpeech", "card", "shouldEndSession"} == response.keys()


@pytest.mark.parametrize(("could", "word"), [(True, "YES"), (False, "NO"), (None, "NO")])
def test_could_you_is_answered_without_a_word(could, word):
    turn = replace(TURN, kind=Kind.CAN_FULFILL, slots={"product": "milk"})
    assert {
        "canFulfillIntent": {"canFulfill": word, "slots": {"product": {"canUnderstand": word, "canFulfill": word}}}
    } == respond(Reply("Ignored.", can_fulfill=could), turn)


@pytest.mark.parametrize(
    "turn",
    [
        replace(TURN, kind=Kind.SESSION_ENDED),
        replace(TURN, kind=Kind.EVENT, session="user"),
        replace(TURN, kind=Kind.UNKNOWN, session="user"),
    ],
)
def test_nothing_is_said_where_nobody_listens(turn):
    assert {} == respond(Reply("Hello?", Expect.FREE, display=Display("note", "T")), turn)


PRODUCTS = Display(
    "products",
    "Milk",
    "Three kinds",
    (DisplayItem("1", "Oat & rice milk", "1 litre", "$2.49"), DisplayItem("2", "Soy milk", price="$1.99")),
)


def test_a_card_lists_what_is_shown():
    assert {
        "type": "Simple",
        "title": "Milk",
        "content": "Three kinds\nOat & rice milk · 1 litre · $2.49\nSoy milk · $1.99",
    } == respond(Reply("Milk.", display=PRODUCTS))["card"]


def test_a_card_has_the_first_picture_if_it_is_on_https():
    pictured = replace(PRODUCTS, items=(replace(PRODUCTS.items[0], image_url="https://shop/1.png"), PRODUCTS.items[1]))
    card = respond(Reply("Milk.", display=pictured))["card"]
    assert ("Standard", "https://shop/1.png") == (card["type"], card["image"]["smallImageUrl"])
    unsafe = replace(PRODUCTS, items=(replace(PRODUCTS.items[0], image_url="http://shop/1.png"),))
    assert "Simple" == respond(Reply("Milk.", display=unsafe))["card"]["type"]


def test_a_screen_shows_the_same_words_in_lines_that_can_be_touched():
    (directive,) = respond(Reply("Milk.", Expect.FREE, display=PRODUCTS), SCREEN)["directives"]
    shown = directive["datasources"]["sayso"]
    assert ("Alexa.Presentation.APL.RenderDocument", "Milk", True) == (
        directive["type"],
        shown["title"],
        shown["touchable"],
    )
    assert ["Oat & rice milk", "Soy milk"] == [item["title"] for item in shown["items"]]
    assert '["choose", "${ordinal}"]' in json.dumps(directive["document"])


def test_only_products_can_be_touched_and_no_screen_gets_no_document():
    (directive,) = respond(Reply("Ok.", display=replace(PRODUCTS, kind="receipt")), SCREEN)["directives"]
    assert directive["datasources"]["sayso"]["touchable"] is False
    assert "directives" not in respond(Reply("Ok.", display=PRODUCTS))


def test_what_is_suggested_can_be_touched_where_it_is_one_thing_to_say():
    reply = Reply(
        "Milk.", Expect.FREE, display=PRODUCTS,
        suggestions=("the first one", "more", "find oat milk", "check out"), suggested=("first", "more", "find", "check-out"),
    )  # fmt: skip
    (directive,) = respond(reply, SCREEN)["directives"]
    buttons = directive["datasources"]["sayso"]["buttons"]
    assert [{"touch": "more", "words": "more"}, {"touch": "check-out", "words": "check out"}] == buttons


#: Of APL 1.8, https://developer.amazon.com/docs/alexa/alexa-presentation-language: components that the document uses, and their
#: properties, beside those that every component has.
APL = {
    "Container": {"direction", "items", "data", "numbered", "alignItems"},
    "Text": {"text", "fontSize", "fontWeight", "maxLines", "color"},
    "Sequence": {"items", "data", "numbered"},
    "TouchWrapper": {"item", "onPress"},
    "Image": {"source", "scale"},
    "Frame": {"item", "borderRadius", "borderWidth", "borderColor"},
}
EVERY = {"type", "when", "width", "height", "grow", "shrink", "spacing", "disabled"} | {
    f"padding{side}" for side in ("Left", "Right", "Top", "Bottom")
}


def components(value):
    if isinstance(value, list):
        for each in value:
            yield from components(each)
    elif isinstance(value, dict):
        if value.get("type") not in (None, "APL", "SendEvent"):
            yield value
        for each in value.values():
            yield from components(each)


def test_the_document_is_made_of_what_apl_has_and_asks_for_nothing_that_is_not_sent():
    (directive,) = respond(Reply("Milk.", Expect.FREE, display=PRODUCTS), SCREEN)["directives"]
    document = directive["document"]
    assert ("APL", ["sayso"]) == (document["type"], document["mainTemplate"]["parameters"])
    for component in components(document["mainTemplate"]):
        assert component.keys() - EVERY <= APL[component["type"]], component
    source = directive["datasources"]["sayso"]
    asked = set(re.findall(r"sayso\.(\w+)", json.dumps(document)))
    assert asked == source.keys() - {"kind"}
    assert {"title", "detail", "price", "image"} == source["items"][0].keys()
    assert set(re.findall(r"data\.(\w+)", json.dumps(document))) == {
        "title",
        "detail",
        "price",
        "image",
        "touch",
        "words",
    }


@pytest.mark.parametrize("kind", ["products", "cart", "quote", "receipt", "note"])
def test_every_sort_of_display_is_shown_with_pictures_and_prices(kind):
    (directive,) = respond(Reply("Ok.", display=replace(PRODUCTS, kind=kind)), SCREEN)["directives"]
    source = directive["datasources"]["sayso"]
    assert (kind, "products" == kind) == (source["kind"], source["touchable"])
    shown = [(each["title"], each["price"], each["image"]) for each in source["items"]]
    assert [(each.title, each.price, each.image_url) for each in PRODUCTS.items] == shown


def size(response):
    return len(json.dumps(response, ensure_ascii=False).encode())


def test_a_response_that_grew_too_long_loses_the_screen_first_then_card_and_reprompt():
    huge = Display("cart", "T", "x. " * 5000, tuple(DisplayItem(str(i), "名" * 500, image_url="") for i in range(12)))
    response = respond(Reply("Short.", Expect.FREE, display=huge), SCREEN)
    assert "directives" not in response
    assert RESPONSE_BYTES_WANTED >= size(response)
    response = respond(Reply("Γ. " * 5000, Expect.FREE, display=huge), SCREEN)
    assert RESPONSE_BYTES_WANTED + 4 >= size(response)
    assert response["reprompt"]


def test_a_long_speech_alone_has_a_short_reprompt():
    response = respond(Reply("Γάλα. " * 1300, Expect.FREE))
    assert RESPONSE_BYTES_WANTED >= size(response)
    assert 1000 >= len(response["reprompt"]["outputSpeech"]["ssml"])


@settings(max_examples=30, deadline=None)
@given(st.characters(), st.characters(), st.integers(0, 20_000))
def test_no_response_is_longer_than_amazon_takes(one, other, length):
    text = (one * 3 + other) * (length // 4)
    shown = Display("cart", text, text, tuple(DisplayItem("1", text, text, text) for _ in range(5)))
    response = write_response(Reply(text, Expect.FREE, text, display=shown), SCREEN, {})
    assert RESPONSE_BYTES_MAX >= size(response)
    assert SPEECH_LENGTH_MAX >= len(response["response"].get("outputSpeech", {"ssml": ""})["ssml"])
    assert 8000 >= len(response["response"]["card"]["content"])
