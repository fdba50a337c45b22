"""Display → an APL document, for devices with a screen: the same words as the card, with pictures, and lines to touch.

The document is one file and never changes, so that Amazon can cache it; what is shown comes as a data source.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from skill.platforms.markup import plain
from skill.turn import Display

ITEMS_MAX = 12
BUTTONS_MAX = 3
_TEXT_LENGTH_MAX = 500


def render_document(display: Display, buttons: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """The directive. Lines of products can be touched, which sends `["choose", place]`, and so can the buttons, (what touching
    sends, its words): what is sent is read as if it had been said.
    """
    return {
        "type": "Alexa.Presentation.APL.RenderDocument",
        "token": display.kind,
        "document": _document(),
        "datasources": {
            "sayso": {
                "kind": display.kind,
                "title": plain(display.title, _TEXT_LENGTH_MAX),
                "text": plain(display.text, _TEXT_LENGTH_MAX),
                "touchable": display.kind == "products",
                "items": [
                    {
                        "title": plain(item.title, _TEXT_LENGTH_MAX),
                        "detail": plain(item.detail, _TEXT_LENGTH_MAX),
                        "price": plain(item.price, _TEXT_LENGTH_MAX),
                        "image": item.image_url if item.image_url.startswith("https://") else "",
                    }
                    for item in display.items[:ITEMS_MAX]
                ],
                "buttons": [
                    {"touch": touch, "words": plain(words, _TEXT_LENGTH_MAX)}
                    for touch, words in islice(buttons, BUTTONS_MAX)
                ],
            }
        },
    }


@cache
def _document() -> Any:
    return json.loads(Path(__file__).with_name("alexa_screen.json").read_text(encoding="utf-8"))
