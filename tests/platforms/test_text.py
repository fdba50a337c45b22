from __future__ import annotations

from skill.platforms.text import Understood, understand


def test_typed_words_are_understood_from_the_sentence_templates():
    assert Understood("yes") == understand("yes", "en-US")
