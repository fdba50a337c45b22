"""A store with the sample's catalogue and the demo household, and a browser without a script that reads the simulator's pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from skill.app import App, build_app
from skill.cli.demo import ensure_demo_household
from skill.settings import Settings
from skill.simulator.clock import MovableClock
from skill.web import create_app

#: Noon of a Monday in New York, where the sample store is.
NOON = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)

_VOID = {"meta", "link", "input", "br", "path", "hr", "img"}


@pytest.fixture
def app(sample_store: Path, tmp_path: Path) -> Iterator[App]:
    """The sample store with the demo household (code 4271), at noon of a Monday; its clock stands until it is moved."""
    folder = tmp_path / "data"
    shutil.copytree(sample_store, folder)
    app = build_app(Settings(data_dir=folder, keys_dir=folder / "keys"), clock=MovableClock(lambda: NOON))
    ensure_demo_household(app)
    yield app
    app.close()


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader reads of it, its spaces as one."""
        return " ".join("".join(each if isinstance(each, str) else each.whole for each in self.children).split())

    @property
    def whole(self) -> str:
        return "".join(each if isinstance(each, str) else each.whole for each in self.children)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements in it of a tag and with attributes; `kind` is one of its classes."""
        found = []
        for each in self.children:
            if isinstance(each, Element):
                if (not tag or each.tag == tag) and all(each.has(name, value) for name, value in attributes.items()):
                    found.append(each)
                found += each.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert 1 == len(found), f"{len(found)} {tag} {attributes}"
        return found[0]

    def has(self, name: str, value: str) -> bool:
        if name == "kind":
            return value in (self.attributes.get("class") or "").split()
        return self.attributes.get(name) == value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert tag == self._open[-1].tag, f"</{tag}> closes <{self._open[-1].tag}>"
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


@dataclass
class Reading:
    """A browser without a script: it reads a page, fills in a form of it and posts it."""

    client: FlaskClient
    page: Element = field(default_factory=lambda: Element("", {}))
    status: int = 0
    address: str = ""

    def open(self, address: str = "/", **query: str) -> Element:
        return self._read(self.client.get(address, query_string=query or None, follow_redirects=True))

    def submit(self, form_with: str, **values: Any) -> Element:
        """Posts the form of this id, or the first that has a field or a button of this name, with `values`."""
        named = self.page.all("form", id=form_with) or [
            each for each in self.page.all("form") if each.all(name=form_with)
        ]
        form = named[0] if named else None
        assert form is not None, f"no form has {form_with}: {self.page.text[:300]}"
        filled = {
            each.attributes["name"]: each.attributes.get("value") or ""
            for each in form.all("input")
            if each.attributes.get("name") and each.attributes.get("type") in ("hidden", "text", None)
        }
        filled |= {
            each.attributes["name"]: chosen.attributes.get("value") or ""
            for each in form.all("select")
            for chosen in ([one for one in each.all("option") if "selected" in one.attributes] or each.all("option"))[
                :1
            ]
            if "disabled" not in each.attributes
        }
        filled |= values
        action = form.attributes["action"] or ""
        if form.attributes.get("method") == "get":
            return self.open(action, **filled)
        return self._read(self.client.post(action, data=filled, follow_redirects=True))

    def say(self, *words: str) -> str:
        """Says one thing after the other; what the store answered last."""
        for each in words:
            self.submit("say", words=each)
        return self.answer

    @property
    def answer(self) -> str:
        return self.page.all(kind="store")[-1].all(kind="bubble")[0].text.removeprefix("The store: ")

    @property
    def alert(self) -> str:
        return " ".join(each.text for each in self.page.all(role="alert")).strip()

    def part(self, title: str) -> str:
        """What a section says whose heading has this id."""
        return next(each.text for each in self.page.all("section") if each.has("aria-labelledby", title))

    def _read(self, response: Any) -> Element:
        self.status, self.address = response.status_code, response.request.full_path
        reader = _Reader()
        reader.feed(response.get_data(as_text=True))
        reader.close()
        self.page = reader.root
        return self.page


@pytest.fixture
def browser(app: App) -> FlaskClient:
    return create_app(app).test_client()


@pytest.fixture
def reading(browser: FlaskClient) -> Reading:
    return Reading(browser)
