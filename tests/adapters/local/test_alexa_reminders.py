from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model.services.reminder_management.push_notification import PushNotification
from ask_sdk_model.services.reminder_management.reminder_request import ReminderRequest
from ask_sdk_model.services.reminder_management.spoken_text import SpokenText
from ask_sdk_model.services.reminder_management.trigger import Trigger

from skill.adapters.local.alexa_reminders import AlexaReminders, write_reminder

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


class Amazon:
    def __init__(self, answer=201):
        self.answer, self.posted = answer, []

    def __call__(self, url, body, headers):
        self.posted.append((url, json.loads(body), headers))
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer


def remind(amazon, endpoint="https://api.eu.amazonalexa.com"):
    reminders = AlexaReminders(amazon)
    return reminders.remind(endpoint, "token", "Look again.", "en-GB", after=timedelta(minutes=30), now=NOW)


def test_a_reminder_is_set_where_the_request_says_with_the_token_that_it_brought():
    amazon = Amazon()
    assert remind(amazon)
    [(url, body, headers)] = amazon.posted
    assert "https://api.eu.amazonalexa.com/v1/alerts/reminders" == url
    assert "Bearer token" == headers["Authorization"]
    assert {"type": "SCHEDULED_RELATIVE", "offsetInSeconds": 1800} == body["trigger"]
    assert [{"locale": "en-GB", "text": "Look again."}] == body["alertInfo"]["spokenInfo"]["content"]


def test_amazons_own_models_read_the_reminder_whole():
    """Its parts: the SDK's model of the whole names a module that the SDK has not got."""
    written = write_reminder("Look again.", "en-GB", timedelta(minutes=30), NOW)
    assert written.keys() == set(ReminderRequest.attribute_map.values())
    [content] = written["alertInfo"]["spokenInfo"]["content"]
    for part, model in (
        (written["trigger"], Trigger),
        (content, SpokenText),
        (written["pushNotification"], PushNotification),
    ):
        serializer = DefaultSerializer()
        read = serializer.serialize(serializer.deserialize(json.dumps(part), model))
        assert part == {name: value for name, value in read.items() if value is not None}


@pytest.mark.parametrize("answer", [200, 401, 403, 429, 500, OSError("no route")])
def test_what_amazon_does_not_create_is_not_set(answer):
    assert not remind(Amazon(answer))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://api.eu.amazonalexa.com",
        "https://evil.example",
        "https://api.amazonalexa.com.evil.example",
        "https://api.amazonalexa.com@evil.example",
        "https://api.amazonalexa.com:8443",
        "",
    ],
)
def test_the_token_goes_to_amazon_and_to_nobody_else(endpoint):
    amazon = Amazon()
    assert not remind(amazon, endpoint)
    assert [] == amazon.posted
