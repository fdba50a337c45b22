"""The catalogue: uploaded, its bad rows told, looked at before anybody hears of it, published, and gone back from."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Response, request

from skill.catalogues import publish_index, roll_back
from skill.console.access import OWNER, Visitor
from skill.console.charts import percent
from skill.console.site import Site
from skill.console.staged_catalogue import READING, READY, Staged, StagedCatalogue, standing, version_of
from skill.errors import SalesEnded, SaysoError, StorageError
from skill.guard.decision import parts_of
from skill.ports import AuditDraft
from skill.shop.households import store_chain
from skill.shop.quote import AGE_RESTRICTED

#: The largest feed that a browser may send; larger ones are imported on the server, with `sayso catalogue import`.
UPLOAD_BYTES_MAX = 200 * 1024 * 1024

_KINDS = {
    "added": "New",
    "removed": "Gone",
    "bad": "Bad row",
    "price": "Another price",
    "age": "Another least age",
    "allergens": "Other allergens",
    "stock": "Another stock",
    "title": "Another name",
    "other": "Changed otherwise",
}


def add_catalogue_pages(site: Site) -> None:
    ports, app = site.ports, site.app
    #: None where an instance may be gone before what it reads is published, as behind a table.
    staging = None if app.settings.table else StagedCatalogue(app)

    def audit(kind: str, visitor: Visitor, version: str, products: int) -> None:
        facts = {"who": visitor.who, "version": version, "products": products}
        ports.ledger.write_audit(AuditDraft(store_chain(ports.store.store_id), kind, site.now(), facts=facts))

    @site.page("/console/catalogue", role=OWNER)
    def catalogue(visitor: Visitor) -> Response:
        return site.render("console/catalogue.html", visitor, **catalogue_values(site, staging))

    @site.action("/console/catalogue/roll-back", role=OWNER)
    def go_back(visitor: Visitor) -> Response:
        try:
            published = roll_back(app, request.form.get("version", "")[:100])
        except SaysoError as refused:
            return site.go("/console/catalogue", f"Nothing was changed: {_told(refused)}", kind="bad")
        audit("catalogue_rolled_back", visitor, published.version, published.products_count)
        told = (
            f"Back to the catalogue with {published.products_count} products, with the prices and stock it came with."
        )
        return site.go("/console/catalogue", told)

    if staging is None:
        return

    @site.page("/console/catalogue/progress", role=OWNER)
    def progress(visitor: Visitor) -> Response:
        """The part of the page that changes while a feed is read."""
        staged = staging.look()
        return site.render("console/staged.html", visitor, **_staged_values(site, staged))

    @site.action("/console/catalogue/upload", role=OWNER, carry=False, body_bytes_max=UPLOAD_BYTES_MAX + 64 * 1024)
    def upload(visitor: Visitor) -> Response:
        sent = request.files.get("feed")
        if sent is None or not sent.filename:
            return site.go("/console/catalogue", "Choose a file first.", kind="bad")
        keep_good = request.form.get("keep_good") == "yes"
        try:
            staging.take(sent.stream, sent.filename, visitor.who, keep_good=keep_good, now=site.now())
        except StorageError:
            told = "Another catalogue is being read; wait until that is done."
            return site.go("/console/catalogue", told, kind="bad")
        return site.go("/console/catalogue#staged")

    @site.action("/console/catalogue/publish", role=OWNER)
    def publish(visitor: Visitor) -> Response:
        staged = staging.look()
        if staged is None or staged.phase != READY or staged.version != request.form.get("version"):
            told = "That catalogue is not there any more; look at what is."
            return site.go("/console/catalogue", told, kind="bad")
        try:
            published = publish_index(app, staging.index)
        except SaysoError as refused:
            return site.go("/console/catalogue", f"Not published: {_told(refused)}", kind="bad")
        audit("catalogue_published", visitor, published.version, published.products_count)
        with suppress(StorageError):
            staging.drop()
        return site.go("/console/catalogue", f"Published: {published.products_count} products can be asked for now.")

    @site.action("/console/catalogue/drop", role=OWNER)
    def drop(visitor: Visitor) -> Response:
        try:
            staging.drop()
        except StorageError:
            return site.go("/console/catalogue", "It is being read; wait until that is done.", kind="bad")
        return site.go("/console/catalogue", "Dropped. Nothing was changed.")


def _told(refused: SaysoError) -> str:
    if isinstance(refused, SalesEnded):
        return f"{refused.facts['sales']} of its prices are those of sales, which have begun to end. It takes the feed of today."
    return str(refused)


def catalogue_values(site: Site, staging: StagedCatalogue | None) -> dict[str, Any]:
    current = version_of(site.app)
    zone_name = site.ports.store.time_zone
    history = [
        (each.version, each.products_count, site.when(each.published_at, zone_name), each.version == current)
        for each in site.ports.publications.history()
    ]
    categories = site.ports.catalogue.categories() if current else ()
    named = sorted(site.ports.store.age_restricted_categories - {AGE_RESTRICTED})
    sold = parts_of({each.casefold() for each in categories})
    return {
        "current": current,
        "products": _count(site) if current else 0,
        "categories": len(categories),
        "restricted": named,
        "restricted_here": [each for each in named if each.casefold() in sold],
        "history": history,
        **standing(site.app, current, site.now()),
        "upload_mb_max": UPLOAD_BYTES_MAX // (1024 * 1024),
        "upload_bytes_max": UPLOAD_BYTES_MAX,
        "takes_feeds": staging is not None,
        **_staged_values(site, staging.look() if staging else None),
    }


def _count(site: Site) -> int:
    return int(site.app.catalogue.current().count)


def _staged_values(site: Site, staged: Staged | None) -> dict[str, Any]:
    values: dict[str, Any] = {"staged": staged, "diff": None, "kinds": _KINDS, "reading": False}
    if staged is None:
        return values
    values["reading"] = staged.phase == READING
    values["good_share"] = percent(staged.products, staged.products + staged.refused)
    values["diff"] = sorted(staged.diff, key=lambda each: list(_KINDS).index(each[0]))
    values["aged"] = staged.phase == READY and staged.compared_with != version_of(site.app)
    return values
