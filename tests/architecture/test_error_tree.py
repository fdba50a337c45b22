"""The picture in the docstring of `skill.errors` is the tree that is there."""

from __future__ import annotations

import inspect
import re

from skill import errors


def drawn_parents(picture: str) -> dict[str, str]:
    """Each class in the picture with its parent; the root's is Exception. A level is four columns wide."""
    path: list[str] = []
    parents = {}
    for line in picture.splitlines():
        drawn = re.match(r"^(?P<branch>[│├└─ ]*)(?P<name>[A-Z]\w+)\b(?=\s{2,}|$)", line)
        if drawn is None:
            continue
        depth = len(drawn["branch"]) // 4
        path[depth:] = [drawn["name"]]
        parents[drawn["name"]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    classes = {
        name: found.__bases__[0].__name__
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, Exception)
    }
    assert drawn_parents(errors.__doc__ or "") == classes


def test_every_error_carries_its_facts_in_its_text() -> None:
    assert "SpendCapExceeded(cap_minor=5000, attempted_minor=6000)" == str(
        errors.SpendCapExceeded(cap_minor=5000, attempted_minor=6000)
    )
