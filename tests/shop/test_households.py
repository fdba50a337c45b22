"""Whose audit chain is whose."""

from __future__ import annotations

from skill.shop.households import store_chain


def test_the_stores_own_audit_chain_bears_its_name() -> None:
    assert "store:corner" == store_chain("corner")
