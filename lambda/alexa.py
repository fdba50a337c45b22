"""AWS Lambda behind an Alexa skill: `lambda.alexa.handler`."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from skill.errors import SettingsInvalid
from skill.platforms.alexa import AlexaSkill
from skill.platforms.linked_account import open_accounts

from .store import open_store


@cache
def skill() -> AlexaSkill:
    """The skill, built once an instance. Raises `SettingsInvalid` without a skill id: Lambda checks no signatures."""
    if not os.environ.get("SAYSO_SKILL_ID", "").strip():
        raise SettingsInvalid("SAYSO_SKILL_ID is not set; it must be the id of the one Alexa skill that may call")
    app = open_store(os.environ)
    return AlexaSkill(
        app.answer,
        store=app.ports.store.store_id,
        skill_id=app.settings.skill_id,
        accounts=open_accounts(app.settings, app.ports.clock.now_utc),
        locale=app.settings.locale,
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return skill().handle(event)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now and not at the first shopper's word.
    skill()
