"""Search as the skill hears it: what it would say, and why each product came."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response, request

from skill.app import App
from skill.console.access import OWNER, Visitor
from skill.console.site import Site
from skill.errors import CatalogueMissing
from skill.ports import Opened, RequestKey, TurnRecord
from skill.shop.cart import Cart
from skill.shop.catalogue import Wish
from skill.turn import Kind, Turn

QUERY_LENGTH_MAX = 200
SHOWN_MAX = 8
#: The features in words that an owner understands.
_FEATURES = {
    "text_covered": "Share of the words that the product has anywhere",
    "words_found": "Share of the words in its name",
    "title_precise": "Share of its name that was said",
    "title_short": "Short name",
    "head": "The thing itself was said last",
    "trigrams": "Letters alike",
    "numbers_apart": "Numbers that differ",
    "alike": "How near the heard words are",
    "sounds_covered": "Sounds alike",
    "exact_covered": "Words exactly as heard",
    "echoes": "Sounds alike, as on a bad line",
    "likely": "How likely the words of its name were said",
    "ordered": "Words in the same order in its name",
    "adjacent": "Words side by side in its name",
    "head_covered": "Share of what it is that was said",
    "modifier": "The thing that was said only says more about it",
    "elsewhere": "Share of the words in its facts and description",
    "all_in_title": "All the words are in its name",
    "all_found": "All the words are in its name, facts or description",
    "phrase": "The words stand in its name as they were said",
    "support": "Others have the same words",
    "aloud": "Share of all sounds that its name accounts for",
    "aloud_cubed": "Nearly all sounds are accounted for",
    "aloud_support": "Others account for the sounds by the same words",
    "aloud_near": "As good as the best for the ear",
}


def add_search_pages(site: Site) -> None:
    @site.page("/console/search", role=OWNER)
    def search(visitor: Visitor) -> Response:
        query = " ".join(request.args.get("q", "").split())[:QUERY_LENGTH_MAX]
        return site.render("console/search.html", visitor, query=query, **search_values(site.app, query))


def search_values(app: App, query: str) -> dict[str, Any]:
    if not query:
        return {"speech": "", "reprompt": "", "found": [], "filters": [], "missing": False}
    locale, catalogue = app.settings.locale, app.catalogue
    try:
        understood = catalogue.understand(query, locale)
        findings = catalogue.find(Wish(query), locale=locale, limit=SHOWN_MAX)
        explained = {each.sku: each for each in catalogue.explain(query, 60, locale=locale)}
        live = app.ports.inventory.items(each.product.sku for each in findings.found)
    except CatalogueMissing:
        return {"speech": "", "reprompt": "", "found": [], "filters": [], "missing": True}
    reply = answer_unrecorded(app, query)
    found = []
    for each in findings.found:
        why, shelf = explained.get(each.product.sku), live.get(each.product.sku)
        matches = [] if why is None else [_match(one, query) for one in why.matches]
        features = [] if why is None else [(_FEATURES[name], f"{value:.2f}") for name, value in why.features.items()]
        found.append(
            {
                "product": each.product,
                "price": shelf.price if shelf else each.product.price,
                "available": shelf.available if shelf else 0,
                "score": f"{each.score:.2f}",
                "weak": each.weak,
                "matches": list({(one["heard"], one["meant"]): one for one in reversed(matches)}.values())[::-1],
                "features": features,
            }
        )
    return {
        "speech": reply.speech,
        "reprompt": reply.reprompt,
        "found": found,
        "filters": _filters(understood),
        "words": understood.words,
        "missing": False,
    }


def answer_unrecorded(app: App, query: str) -> Any:
    """What a guest would hear, from the very code that answers guests; nothing of it is written down or counted."""
    turn = Turn(
        platform="console",
        store=app.ports.store.store_id,
        user="owner",
        session="console",
        request_id=app.ports.keys.new_token(12),
        locale=app.settings.locale,
        kind=Kind.INTENT,
        authentic_user=False,
        intent="find_products",
        slots={"product_query": query},
    )
    quiet = replace(app.ports, conversations=_NothingKept(), carts=_EmptyCarts())
    return replace(app, ports=quiet).answer(turn)


class _NothingKept:
    """A conversation that begins with each turn and is not written down."""

    def open(self, owner: str, session: str, request: RequestKey) -> Opened:
        return Opened(None, 0)

    def close(self, record: TurnRecord) -> None:
        return None

    def sweep(self, before: datetime, limit: int) -> int:
        return 0


class _EmptyCarts:
    def load(self, owner: str) -> Cart:
        return Cart()

    def save(self, owner: str, cart: Cart) -> None:
        return None


def _match(one: Any, query: str) -> dict[str, Any]:
    exact = one.heard == one.meant
    heard = _as_typed(one.heard, query)
    return {
        "heard": heard,
        "meant": one.meant,
        "exact": exact,
        "sounds": f"{one.heard_sounds} – {one.meant_sounds}" if one.heard_sounds and not exact else "",
        "likeness": f"{one.likeness:.0%}",
    }


def _as_typed(heard: str, query: str) -> str:
    """Words lose their endings before they are compared; whoever typed them looks for them as they were."""
    typed = query.casefold().split()
    return " ".join(next((word for word in typed if word.startswith(each)), each) for each in heard.split())


def _filters(wish: Wish) -> list[tuple[str, str]]:
    told: list[tuple[str, Any]] = [
        ("from", wish.price_min),
        ("up to", wish.price_max),
        ("category", wish.category),
        ("brand", wish.brand),
        ("size", wish.size),
        ("how many", wish.quantity),
        ("in stock", "only" if wish.in_stock_only else ""),
        ("stars", f"{wish.rating_min_tenths // 10} or more" if wish.rating_min_tenths else ""),
        ("without", ", ".join(wish.allergens_excluded + wish.words_avoided + wish.words_excluded)),
        ("must be", ", ".join(wish.attributes_required)),
        ("sorted by", "" if wish.sort == "relevance" else wish.sort),
    ]
    return [(name, str(value)) for name, value in told if value]
