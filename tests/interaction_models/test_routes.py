from __future__ import annotations

from interaction_models.build import check_routes
from skill.dialogue.routes import routed_intents


def test_every_intent_has_a_route_and_every_route_an_intent() -> None:
    assert [] == check_routes(routed_intents())
