"""AWS Lambda behind an Alexa skill: `lambda.alexa.handler`."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from .store import open_store, settle_in  # first: it says how the others are loaded

# isort: split
from skill.errors import SettingsInvalid
from skill.platforms.alexa_turns import AlexaTurns

if TYPE_CHECKING:
    from skill.app import App
    from skill.platforms.linked_account import LinkedAccounts


@cache
def skill() -> AlexaTurns:
    """The skill, built once an instance. Raises `SettingsInvalid` without a skill id: Lambda checks no signatures."""
    if not os.environ.get("SAYSO_SKILL_ID", "").strip():
        raise SettingsInvalid("SAYSO_SKILL_ID is not set; it must be the id of the one Alexa skill that may call")
    app = open_store(os.environ)
    return AlexaTurns(
        app.answer,
        store=app.ports.store.store_id,
        skill_id=app.settings.skill_id,
        accounts=_accounts(app),
        locale=app.settings.locale,
    )


def _accounts(app: App) -> LinkedAccounts | None:
    if not app.settings.account_audience:
        return None
    # Imported only where accounts are linked: what checks signatures takes long to load.
    from skill.platforms.linked_account import open_accounts

    return open_accounts(app.settings, app.ports.clock.now_utc)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return skill().handle(event)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now and not at the first shopper's word.
    skill()
    settle_in()
