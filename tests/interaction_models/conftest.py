"""Languages that the tests write themselves, beside the ones that are shipped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from interaction_models import sources
from interaction_models.language import Language, load_language
from interaction_models.sampling import Names, load_names

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def english() -> Language:
    return load_language("en-US")


@pytest.fixture(scope="session")
def names() -> Names:
    return load_names()


@pytest.fixture
def write_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a small language, with `changes` laid over it, as the only one there is.

    Languages are compiled once a process: every test names a locale of its own.
    """
    monkeypatch.setattr(sources, "SENTENCES", tmp_path)

    def write(locale: str, **changes: Any) -> None:
        language = yaml.safe_load((HERE / "small_language.yaml").read_text("utf-8"))
        language |= {"language": locale} | changes
        text = yaml.safe_dump({key: value for key, value in language.items() if value is not None}, allow_unicode=True)
        (tmp_path / f"{locale}.yaml").write_text(text, encoding="utf-8")

    return write
