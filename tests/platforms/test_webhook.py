from __future__ import annotations

import json
from html import unescape

import jwt
import pytest

from skill.errors import RequestRejected
from skill.platforms.dialogflow_cx import DialogflowCx
from skill.platforms.markup import plain
from skill.platforms.webhook import (
    GOOGLE_KEYS_URL,
    SPEECH_BYTES_MAX,
    SPOKEN_BYTES_MAX,
    TEXT_LENGTH_MAX,
    GoogleCallers,
    write_speech,
)
from skill.speech.render import fits
from skill.turn import Reply
from tests.platforms.signing import NOW, key_named

ADDRESS = "https://store.example/dialogflow/cx"
ACCOUNT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"


def google_keys(url):
    assert GOOGLE_KEYS_URL == url
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key_named("google").public_key()))
    return json.dumps({"keys": [key | {"kid": "g1"}]}).encode()


def token(**claims):
    whole = {
        "sub": "1",
        "aud": ADDRESS,
        "iss": "https://accounts.google.com",
        "exp": int(NOW.timestamp()) + 600,
        "email": ACCOUNT,
        "email_verified": True,
    }
    return "Bearer " + jwt.encode(whole | claims, key_named("google"), "RS256", headers={"kid": "g1"})


def webhook(secret=""):
    callers = GoogleCallers(audience=ADDRESS, account=ACCOUNT, now=lambda: NOW, fetch=google_keys)
    return DialogflowCx(lambda turn: Reply("Hi."), store="corner", secret=secret, callers=callers)


def status_of(checking, secret, authorization):
    try:
        checking.check_caller(secret, authorization)
    except RequestRejected as refused:
        return refused.facts["status"]
    return 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"iss": "accounts.google.com"}, 200),
        ({"email": "somebody@example.com"}, 403),
        ({"email_verified": False}, 403),
        ({"email_verified": "true"}, 403),
        ({"aud": "https://another.example/dialogflow/cx"}, 403),
        ({"aud": "https://store.example/dialogflow/es"}, 403),
        ({"iss": "https://accounts.example"}, 403),
        ({"exp": 1}, 403),
    ],
)
def test_googles_token_must_be_for_this_address_and_of_the_agent(claims, status):
    assert status == status_of(webhook(), None, token(**claims))


@pytest.mark.parametrize(
    ("authorization", "status"), [(None, 401), ("", 401), ("Bearer ", 401), ("Basic YTpi", 401), ("Bearer a.b.c", 403)]
)
def test_what_is_no_token_is_refused(authorization, status):
    assert status == status_of(webhook(), None, authorization)


def test_either_proof_is_enough_and_a_wrong_secret_is_never_made_good():
    both = webhook(secret="s3cret")
    assert 200 == status_of(both, "s3cret", None)
    assert 200 == status_of(both, None, token())
    assert 403 == status_of(both, "wrong", token())
    assert 401 == status_of(both, None, None)


def test_a_secret_that_nobody_set_proves_nothing():
    assert 401 == status_of(webhook(), "anything", None)


@pytest.mark.parametrize("word", ["word ", "сөз ", "&&& ", "a& сөз& ", "<b> "])
@pytest.mark.parametrize("count", [1, 400, 900, 2000])
def test_speech_keeps_to_its_bytes_and_is_whole_where_it_fits(word: str, count: int) -> None:
    text = plain((word * count).strip() + ".", TEXT_LENGTH_MAX)
    spoken = write_speech(text)
    assert len(spoken.encode()) <= SPEECH_BYTES_MAX
    assert spoken.startswith("<speak>")
    assert spoken.endswith("</speak>")
    assert fits(text, 0, SPOKEN_BYTES_MAX) is (unescape(spoken) == f"<speak>{text}</speak>")
