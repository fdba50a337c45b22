"""`sayso catalogue`: what can be found and bought."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, fields
from datetime import UTC
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from skill.catalogue_diff import CatalogueDiff, diff_catalogues
from skill.catalogues import (
    READING,
    Imported,
    Watch,
    build_catalogue,
    import_catalogue,
    indexed_products,
    open_feed,
    publish_index,
    roll_back,
    stopped_import,
    told_of_stopped_import,
)
from skill.cli.options import NAME, Call, common_options
from skill.cli.tables import list_table, print_table
from skill.errors import CatalogueMissing, FeedError
from skill.feeds import FORMATS, Feed, RowProblem
from skill.search.catalogue import Explanation, Sales, open_catalogue
from skill.search.current import CurrentCatalogue
from skill.search.layout import APPLICATION_ID
from skill.shop.catalogue import Found, Product, Wish
from skill.shop.money import Money
from skill.simulator.envelopes.shapes import utc_now

#: Bad rows shown in a table; with --json come the first thousand.
_PROBLEMS_SHOWN_MAX = 20
_QUERY_LENGTH_MAX = 10_000
_SQLITE = b"SQLite format 3\0"

#: Why rows that are in order are not imported, by `LeftOut.kind`.
_LEFT_OUT = {
    "hidden": "are drafts, archived or hidden",
    "expired": "have an expiration_date that is over",
    "contract": "are sold with a subscription or a down payment, so that their price is not what they cost",
    "gift_card": "are gift cards",
    "elsewhere": "are sold by another shop",
}

#: Why a product is not in an answer, by `Explanation.left_out`.
_WHY_LEFT_OUT = {
    "price_max": "it costs more",
    "price_min": "it costs less",
    "in_stock_only": "it is not in stock",
    "rating_min_tenths": "it is rated lower",
    "category": "it is in another category",
    "brand": "it is of another brand",
    "allergens_excluded": "it has what must be avoided",
    "words_avoided": "it has what is not wanted",
    "words_excluded": "it is what is not wanted",
    "attributes_required": "it does not say that it is of that diet",
    "twin": "it sounds the same as one that is read",
    "size": "it comes in another size",
    "kind": "something else was asked for, or others claim to be free of what is not wanted",
    "further": "the answer is long enough",
}

_format_option = click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="The feed's format.  [default: found out from the content]"
)
_encoding_option = click.option(
    "--encoding",
    metavar="NAME",
    help="The feed's encoding, such as windows-1253.  [default: found out from the content]",
)
_keep_good_option = click.option("--keep-good", is_flag=True, help="Take the good rows even if others are bad.")
_ended_sales_option = click.option(
    "--ended-sales-too", is_flag=True, help="Take an index even if it has prices of sales that are over."
)
_file = click.Path(path_type=Path)


@click.group(help="Import, search and compare catalogues.")
def catalogue() -> None:
    pass


# --- feeds in ---------------------------------------------------------------------------------------------------------


@catalogue.command("import")
@click.argument("file", type=_file)
@_format_option
@_encoding_option
@_keep_good_option
@common_options
def import_(call: Call, file: Path, format_: str | None, encoding: str | None, keep_good: bool) -> None:
    """Replace the catalogue, prices and stock with those of FILE.

    FILE is CSV, JSON Lines, a Google Merchant feed (TSV or XML), a Meta catalogue CSV or a Shopify product CSV, plain or
    gzipped. If a row is bad, nothing is imported and each bad row is named. Stock that is reserved for orders stays reserved.
    """
    _import_feed(call, file, format_, encoding, keep_good)


@catalogue.command("publish")
@click.argument("file", type=_file)
@_format_option
@_encoding_option
@_keep_good_option
@_ended_sales_option
@common_options
def publish(
    call: Call, file: Path, format_: str | None, encoding: str | None, keep_good: bool, ended_sales_too: bool
) -> None:
    """Let shoppers have FILE: an index that `build` wrote, or a feed, which is imported.

    The store's own catalogue is replaced, or with SAYSO_CATALOGUE_BUCKET that of every function of the deployment, which take
    it within a minute. Prices and stock are set to FILE's. The catalogues before can be gone back to with `roll-back`.
    """
    if not _is_index(file):
        _import_feed(call, file, format_, encoding, keep_good)
        return
    with call.app(begins=True, whole=True) as app:
        _report_published(call, publish_index(app, file, ended_sales_too=ended_sales_too))


@catalogue.command("roll-back")
@click.argument("version", required=False, type=NAME)
@_ended_sales_option
@common_options
def roll_back_(call: Call, version: str | None, ended_sales_too: bool) -> None:
    """Go back to catalogue VERSION, or else to the one before, with the prices and the stock of its feed.

    The one gone back to is the newest then: without VERSION, a second time goes forward again. `history` lists them all.
    """
    with call.app() as app:
        kept = app.ports.publications.history()
        if version is None and len(kept) < 2:
            raise CatalogueMissing(
                "there is no catalogue before this one to go back to", path=str(app.settings.data_dir)
            )
        _report_published(call, roll_back(app, version or kept[1].version, ended_sales_too=ended_sales_too))


@catalogue.command("history")
@common_options
def history(call: Call) -> None:
    """List the catalogues that can be gone back to, the newest first; the first one answers."""
    with call.app() as app:
        kept = app.ports.publications.history()
    if call.as_json:
        call.print_json(
            [
                {"version": k.version, "products": k.products_count, "published_at": k.published_at.isoformat()}
                for k in kept
            ]
        )
        return
    table = list_table("catalogue", "products", "published")
    for each in kept:
        table.add_row(each.version, str(each.products_count), f"{each.published_at:%Y-%m-%d %H:%M} UTC")
    print_table(table)


def _report_published(call: Call, imported: Imported) -> None:
    if call.as_json:
        call.print_json({"published": True, **asdict(imported)})
        return
    click.echo(f"Published {_products(imported.products_count)}, catalogue {imported.version}.")


def _import_feed(call: Call, file: Path, format_: str | None, encoding: str | None, keep_good: bool) -> None:
    with call.app(begins=True, whole=True) as app:
        feed = open_feed(app, file, format_, encoding)
        try:
            with _progress(call) as watch:
                imported = import_catalogue(app, feed, keep_good=keep_good, watch=watch)
        except FeedError:
            _report(call, feed, {"imported": False})
            raise
    done = {"imported": True, "version": imported.version, "size_bytes": imported.size_bytes}
    _report(call, feed, done)
    if not call.as_json:
        click.echo(f"Imported {_products(imported.products_count)} ({feed.format}), catalogue {imported.version}.")
        if feed.sales_end_at:
            ends = f"{feed.sales_end_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            click.echo(
                f"{feed.sales_count} prices are those of sales; import again when the first of them ends: {ends}."
            )


@catalogue.command("build")
@click.argument("file", type=_file)
@click.option(
    "-o",
    "--output",
    "index",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="INDEX",
    help="Where the index is written: a new file, or an older index.",
)
@_format_option
@_encoding_option
@_keep_good_option
@common_options
def build(call: Call, file: Path, index: Path, format_: str | None, encoding: str | None, keep_good: bool) -> None:
    """Write the index of FILE and change nothing in the store."""
    _check_output(index, file, call.settings().data_dir)
    with call.app(begins=True, whole=True) as app:
        feed = open_feed(app, file, format_, encoding)
        try:
            with _progress(call) as watch:
                info = build_catalogue(app, feed, index, keep_good=keep_good, watch=watch)
        except FeedError:
            _report(call, feed, {"built": False})
            raise
    _report(call, feed, {"built": True, "version": info.version, "size_bytes": info.size_bytes, "index": str(index)})
    if not call.as_json:
        click.echo(
            f"Wrote {index}: {_products(info.products_count)}, {_size(info.size_bytes)}, catalogue {info.version}."
        )


def _check_output(index: Path, feed: Path, data_dir: Path) -> None:
    """Raises `UsageError` where the index would replace something else, which nobody could get back."""
    whole = index.resolve()
    if whole == (data_dir / "catalogue.index").resolve() or whole.parent == (data_dir / "catalogues").resolve():
        raise click.UsageError(
            f"The store's own catalogues are in {index.parent}, and their prices and stock are set with them: name another file "
            f"with -o, and put it in place with `sayso catalogue publish`."
        )
    if not index.exists():
        return
    if feed.exists() and index.samefile(feed):
        raise click.UsageError(f"The index would replace the feed {feed}: name another file with -o.")
    if index.stat().st_size and not _is_index(index):
        raise click.UsageError(f"{index} is there already and is no index: name another file with -o.")


def _products(count: int) -> str:
    return f"{count} product{'s' * (count != 1)}"


@contextmanager
def _progress(call: Call) -> Iterator[Watch | None]:
    """A bar on standard error with the time left; none where nobody watches, or a program reads."""
    console = Console(stderr=True)
    if call.as_json or not console.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(what: str, read: int, whole: int) -> None:
            if what not in tasks:
                for before in tasks.values():
                    bar.update(before, visible=False)
                # Only for reading it is known how much there is to do.
                tasks[what] = bar.add_task(what, total=whole if what == READING else None)
            if what == READING:
                bar.update(tasks[what], completed=read)

        yield watch


def _report(call: Call, feed: Feed, outcome: dict[str, Any]) -> None:
    """What was wrong in the feed: JSON on standard output, or a table of the first bad rows on standard error."""
    if call.as_json:
        call.print_json(outcome | _feed_json(feed))
        return
    for note in feed.notes:
        click.echo(f"Note: {note}", err=True)
    for kind, count in feed.left_out_kinds.items():
        click.echo(f"Note: {count} rows {_LEFT_OUT[kind]}, and were left out", err=True)
    if feed.problems:
        _print_problems("Bad rows", feed.problems, sum(feed.problem_kinds.values()))
    if feed.warnings:
        _print_problems("Warnings (these rows were taken)", feed.warnings, sum(feed.warning_kinds.values()))


def _print_problems(title: str, problems: list[RowProblem], count: int) -> None:
    table = Table("line", "column", "value", "what to do", title=title, title_justify="left")
    for problem in problems[:_PROBLEMS_SHOWN_MAX]:
        table.add_row(str(problem.line), Text(problem.column), Text(problem.value), Text(problem.remedy))
    Console(stderr=True).print(table)
    if count > _PROBLEMS_SHOWN_MAX:
        click.echo(f"… and {count - _PROBLEMS_SHOWN_MAX} more; --json lists the first {len(problems)}", err=True)


def _feed_json(feed: Feed) -> dict[str, Any]:
    return {
        "file": str(feed.path),
        "format": feed.format,
        "encoding": feed.encoding,
        "rows": feed.rows_count,
        "products": feed.products_count,
        "refused": feed.refused_count,
        "left_out": feed.left_out_count,
        "left_out_kinds": dict(feed.left_out_kinds),
        "notes": list(feed.notes),
        "problem_kinds": dict(feed.problem_kinds),
        "problems": [_problem_json(problem) for problem in feed.problems],
        "warning_kinds": dict(feed.warning_kinds),
        "warnings": [_problem_json(problem) for problem in feed.warnings],
    }


def _problem_json(problem: RowProblem) -> dict[str, Any]:
    return {name: value for name, value in asdict(problem).items() if name != "refused"}


# --- what is in it ----------------------------------------------------------------------------------------------------


@catalogue.command("search")
@click.argument("query", required=False)
@click.option(
    "--queries",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help='Answer lines of {"id", "query"} with {"id", "skus"}.',
)
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="How many products at most.")
@common_options
def search(call: Call, query: str | None, queries: IO[str] | None, limit: int) -> None:
    """Search as a shopper would: sayso catalogue search "dog food under 20 dollars".

    With --queries the ranking itself is printed, a line for each query, before near-duplicates are collapsed and before a weak
    match turns into a question.
    """
    if (query is None) == (queries is None):
        raise click.UsageError("Say what to search for, or name a file with --queries FILE: one of the two.")
    settings = call.settings()
    with closing(CurrentCatalogue(settings.data_dir / "catalogue.index")) as current:
        if queries is not None:
            _answer_queries(current, queries, limit)
            return
        findings = current.find(Wish((query or "")[:_QUERY_LENGTH_MAX]), locale=settings.locale, limit=limit)
    if call.as_json:
        call.print_json([_found_json(found) for found in findings.found])
        return
    if findings.found:
        _print_found(findings.found)
        return
    click.echo(
        "Nothing found." + (f" The nearest category: {findings.nearest_category}." if findings.nearest_category else "")
    )
    if findings.similar:
        click.echo("Similar: " + "; ".join(product.title for product in findings.similar))


def _answer_queries(current: CurrentCatalogue, queries: IO[str], limit: int) -> None:
    for number, line in enumerate(queries, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            answer = {"id": asked["id"], "said": asked["said"]} if "said" in asked else {"id": asked["id"]}
            words = str(asked["query"])[:_QUERY_LENGTH_MAX]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FeedError(
                f'line {number} of the queries is not an object with "id" and "query": write {{"id": …, "query": …}}'
            ) from error
        skus = [sku for sku, _ in current.rank(words, limit)]
        click.echo(json.dumps(answer | {"skus": skus}, ensure_ascii=False))


def _print_found(found: tuple[Found, ...]) -> None:
    table = Table("", "name", "size", "price", "stock", "score")
    for number, each in enumerate(found, start=1):
        product = each.product
        score = f"{each.score:.3f}" + (" weak" if each.weak else "")
        table.add_row(
            str(number), Text(product.title), Text(product.size), str(product.price), str(product.stock), score
        )
    Console().print(table)


def _product_json(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "title": product.title,
        "brand": product.brand,
        "size": product.size,
        "category": list(product.category),
        "price": {"amount": product.price.amount, "currency": product.price.currency},
        "stock": product.stock,
    }


def _found_json(found: Found) -> dict[str, Any]:
    return _product_json(found.product) | {"score": round(found.score, 4), "weak": found.weak}


@catalogue.command("explain")
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="How many products at most.")
@common_options
def explain(call: Call, query: str, limit: int) -> None:
    """Show how QUERY was understood, what each heard word was taken for, and what put each product where it is.

    First comes the answer, in its order; then the best of what a shopper does not hear, with the reason: a filter (a price, a
    category …), another kind of thing, or a product that sounds the same.
    """
    query = query[:_QUERY_LENGTH_MAX]
    settings = call.settings()
    with closing(CurrentCatalogue(settings.data_dir / "catalogue.index")) as current:
        understood = _wish_json(current.understand(query, settings.locale))
        explanations = current.explain(query, limit, locale=settings.locale)
        products = current.products(explanation.sku for explanation in explanations)
    if call.as_json:
        explained = [_product_json(products[each.sku]) | _explanation_json(each) for each in explanations]
        call.print_json({"query": query, "understood": understood, "products": explained})
        return
    console = Console(highlight=False)
    console.print(
        Text("Understood: " + ("; ".join(f"{name} {value}" for name, value in understood.items()) or "nothing"))
    )
    for each in explanations:
        _print_explanation(console, each, products[each.sku])


def _explanation_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "score": round(explanation.score, 4),
        "rank": explanation.rank,
        "place": explanation.place,
        "left_out": explanation.left_out,
        "matches": [match._asdict() for match in explanation.matches],
        "features": {name: round(value, 4) for name, value in explanation.features.items() if value},
    }


def _print_explanation(console: Console, explanation: Explanation, product: Product) -> None:
    size = f", {product.size}" if product.size else ""
    place = f"{explanation.place}." if explanation.place else f"Left out ({_WHY_LEFT_OUT[explanation.left_out]}):"
    moved = "" if explanation.rank == explanation.place else f", number {explanation.rank} by score"
    told = f"{place} {product.title}{size}, {product.price}: score {explanation.score:.3f}{moved}"
    console.print(Text(f"\n{told}", "bold"))
    for match in explanation.matches:
        sounds = f" (sounds {match.heard_sounds} → {match.meant_sounds}, {match.distance:.2f} apart)"
        how = "" if match.heard_sounds == match.meant_sounds else sounds
        console.print(Text(f"   {match.heard} → {match.meant}{how}, likeness {match.likeness:.2f}"))
    features = ", ".join(f"{name} {value:.3g}" for name, value in explanation.features.items() if value)
    console.print(Text(f"   {features}"))


def _wish_json(wish: Wish) -> dict[str, Any]:
    """What was understood and nothing else: fields that say nothing are left out."""
    plain = Wish("")
    return {
        field.name: str(value) if isinstance(value, Money) else value
        for field in fields(wish)
        if (value := getattr(wish, field.name)) != getattr(plain, field.name)
    }


@catalogue.command("info")
@click.argument("index", type=_file, required=False)
@common_options
def info(call: Call, index: Path | None) -> None:
    """Show what the store's catalogue, or the file INDEX, holds."""
    path = index or call.settings().data_dir / "catalogue.index"
    with closing(open_catalogue(path)) as opened:
        facts: dict[str, Any] = {
            "path": str(path),
            "version": opened.version,
            "products": opened.count,
            "locale": opened.locale,
            "size_bytes": path.stat().st_size,
            "categories": list(opened.categories()),
        }
        facts |= _sales_json(opened.sales)
        stopped = "" if index else stopped_import(call.settings().data_dir, opened.version)
    if call.as_json:
        call.print_json(facts | {"stopped_import": stopped})
        return
    if stopped:
        click.echo(f"Note: {told_of_stopped_import(stopped, facts['version'])}", err=True)
    table = Table(show_header=False)
    for name, value in facts.items():
        if name.startswith("sales") and not facts["sales"]:
            continue
        text = ", ".join(value) if isinstance(value, list) else _size(value) if name == "size_bytes" else str(value)
        table.add_row(name.replace("_bytes", "").replace("_", " "), Text(text))
    Console().print(table)


def _sales_json(sales: Sales | None) -> dict[str, Any]:
    """How many prices are those of sales, when the first of these ends, and whether one is over by now."""
    if sales is None:
        return {"sales": 0, "sales_end_at": None, "sales_over": False}
    over = sales.end_at <= utc_now()  # a command's clock is the machine's
    return {"sales": sales.count, "sales_end_at": sales.end_at.isoformat(), "sales_over": over}


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB"


# --- before and after -------------------------------------------------------------------------------------------------


@catalogue.command("diff")
@click.argument("old", type=_file)
@click.argument("new", type=_file)
@_format_option
@_encoding_option
@click.option(
    "--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Changes shown of each kind."
)
@common_options
def diff(call: Call, old: Path, new: Path, format_: str | None, encoding: str | None, limit: int) -> None:
    """Show what changes from OLD to NEW, each a feed or an index: before publishing, or after.

    The index of the store's own catalogue is catalogue.index in its data directory. Bad rows are named and not compared: a product
    whose row is bad is neither removed nor changed. If NEW has bad rows, so that an import would refuse it, the exit code is 1.
    """
    with ExitStack() as open_files:
        (old_products, old_feed), (new_products, new_feed) = (
            _products_of(call, path, format_, encoding, open_files) for path in (old, new)
        )
        compared = diff_catalogues(
            old_products,
            new_products,
            limit=limit,
            old_refused=old_feed.refused_skus if old_feed else (),
            new_refused=new_feed.refused_skus if new_feed else (),
        )
    feeds = {name: feed for name, feed in (("old", old_feed), ("new", new_feed)) if feed}
    if call.as_json:
        changes = {kind: [asdict(change) for change in some] for kind, some in compared.changes.items()}
        refused = {name: feed.refused_count for name, feed in feeds.items()}
        read = {name: _feed_json(feed) for name, feed in feeds.items()}
        call.print_json({"counts": compared.counts, "changes": changes, "refused": refused, "feeds": read})
    else:
        _print_diff(compared)
        for name, feed in feeds.items():
            if feed.refused_count:
                click.echo(
                    f"Note: {feed.refused_count} rows of the {name} feed are bad and were not compared", err=True
                )
                _print_problems("Bad rows", feed.problems, sum(feed.problem_kinds.values()))
    if new_feed and new_feed.refused_count:
        raise FeedError(
            f"an import would refuse {new}: {new_feed.refused_count} of {new_feed.rows_count} rows are bad; mend them, or import "
            "the good ones alone with --keep-good, which removes the products of the bad ones",
            refused=new_feed.refused_count,
        )


def _products_of(
    call: Call, path: Path, format_: str | None, encoding: str | None, open_files: ExitStack
) -> tuple[Iterable[Product], Feed | None]:
    if _is_index(path):
        opened = open_files.enter_context(closing(open_catalogue(path)))
        opened.check()
        return indexed_products(opened), None
    feed = open_feed(open_files.enter_context(call.app()), path, format_, encoding)
    return feed, feed


def _is_index(path: Path) -> bool:
    """Of any version: SQLite's header tells whose file it is. Source: "The Database Header" of its file format."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(72)
        return head.startswith(_SQLITE) and int.from_bytes(head[68:72], "big") == APPLICATION_ID
    return False


def _print_diff(compared: CatalogueDiff) -> None:
    table = Table("change", "id", "name", "before", "after")
    for kind, changes in compared.changes.items():
        for change in changes:
            cells = (kind, change.sku, change.title, change.before, change.after)
            table.add_row(*(Text(cell) for cell in cells))
        if compared.counts[kind] > len(changes):
            table.add_row(kind, f"… and {compared.counts[kind] - len(changes)} more")
    if table.row_count:
        Console().print(table)
    click.echo(", ".join(f"{kind} {count}" for kind, count in compared.counts.items()))
