"""Search as the skill hears it: the very answer, with why, and no trace of it."""

from __future__ import annotations

from skill.console import store_search
from skill.search.ranking import FEATURES
from skill.turn import Kind, Turn


def heard_by_a_guest(app, query: str) -> str:
    turn = Turn(
        platform="alexa", store=app.ports.store.store_id, user="guest", session="s", request_id="r1", locale="en-US",
        kind=Kind.INTENT, authentic_user=False, intent="find_products", slots={"product_query": query},
    )  # fmt: skip
    return app.answer(turn).speech


def test_the_page_says_what_the_skill_says(app, owner):
    said = " ".join(heard_by_a_guest(app, "coffee under ten dollars").split())
    assert said in owner.words("/console/search?q=coffee+under+ten+dollars")


def test_it_tells_how_it_was_understood_and_why_each_product_came(owner):
    words = owner.words("/console/search?q=cofee+under+ten+dollars")
    assert "up to 10.00 USD" in words
    assert "alike" in words
    assert "Share of the words in its name" in words


def test_what_the_owner_tries_is_counted_nowhere(app, owner):
    app.ports.figures.fold(100)
    for query in ("coffee", "zeppelin hangar", "xylophone"):
        owner.get(f"/console/search?q={query}")
    assert 0 == app.ports.figures.fold(100)
    assert () == tuple(app.ports.figures.unmet(10))
    assert app.database is not None
    assert [(0,)] == app.database.read(lambda db: db.execute("SELECT count(*) FROM sessions").fetchall())


def test_nothing_found_is_said_too(owner):
    assert "It found nothing" in owner.words("/console/search?q=charcoal")


def test_long_and_odd_queries_are_answered(owner):
    for query in ("x" * 5000, "%00", "%F0%9F%A5%9B", "'; DROP TABLE product; --", "under under under"):
        owner.get(f"/console/search?q={query}")


def test_without_a_catalogue_the_pages_say_so(app, owner):
    app.catalogue.path.unlink()
    app.catalogue.close()
    for path in ("/console", "/console/search?q=coffee"):
        assert "There is no catalogue yet" in owner.words(path)
    assert "nothing can be found or bought" in owner.words("/console/catalogue")
    owner.get("/console/policy")


def test_every_feature_is_told_in_words() -> None:
    assert set(FEATURES) == set(store_search._FEATURES)
