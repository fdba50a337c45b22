"""What docs/console.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

from skill.console.store_catalogue import UPLOAD_BYTES_MAX
from skill.console.store_overview import COHORT_MONTHS
from skill.console.store_policy import LOOKED_BACK
from skill.ports import PUBLICATIONS_MAX
from skill.shop.figures import UNMET_LENGTH_MAX, UNMET_MAX

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "console.md").read_text(encoding="utf-8")
WORDS = " ".join(GUIDE.split())


def test_its_figures_are_the_ones_in_force():
    for told in (
        f"At most {UPLOAD_BYTES_MAX // 1024 // 1024} MB are taken",
        f"one of the last {PUBLICATIONS_MAX}",
        f"the last {LOOKED_BACK.days} days",
        f"the last {COHORT_MONTHS} months",
        f"at most {UNMET_LENGTH_MAX} characters",
        f"the {UNMET_MAX} latest",
    ):
        assert told in WORDS, told


def test_every_page_that_it_names_is_there_and_each_is_named(flask):
    served = {rule.rule for rule in flask.url_map.iter_rules() if "GET" in rule.methods}
    named = set(re.findall(r"`(/console[\w/.-]*)`", GUIDE))
    exports = {each for each in named if each.endswith(".csv")}
    assert set() == named - exports - served
    assert "/console/export/<name>.csv" in served
    links = re.findall(r"'(/console[\w/]*)'", (DOCS.parent / "skill/console/templates/console/frame.html").read_text())
    assert set() == set(links) - named


def test_its_pictures_and_pages_are_there():
    for link in re.findall(r"\]\(([\w./-]+)\)", GUIDE):
        assert (DOCS / link).exists(), link


def test_the_files_that_it_names_can_be_had(owner):
    for path in re.findall(r"`(/console/export/[\w-]+\.csv)`", GUIDE):
        owner.get(path)
