"""Typed or transcribed words → an intent and its slots, from the project's own sentence templates."""

from __future__ import annotations

from interaction_models.sources import locales
from interaction_models.understanding import Understood, understand

__all__ = ["Understood", "locales", "understand"]
