"""AWS Lambda behind an Alexa skill: `lambda.alexa.handler`."""

from __future__ import annotations

import os
from functools import cache, cached_property
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
        accounts=AccountsWhenAsked(app) if app.settings.account_audience else None,
        names=app.product_names,
        locale=app.settings.locale,
    )


class AccountsWhenAsked:
    """Linked accounts, opened with the first token that comes: what checks signatures takes longer to load than all the rest."""

    def __init__(self, app: App) -> None:
        self._app = app

    def read(self, token: str) -> str | None:
        """The account's id at the shop; None where the token does not hold, or nobody can tell."""
        accounts = self._accounts
        return accounts.read(token) if accounts is not None else None

    @cached_property
    def _accounts(self) -> LinkedAccounts | None:
        from skill.platforms.linked_account import open_accounts

        return open_accounts(self._app.settings, self._app.ports.clock.now_utc)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return skill().handle(event)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # On Lambda an instance starts here, and a wrong setting is to show now and not at the first shopper's word.
    skill()
    settle_in()
