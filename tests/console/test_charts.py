"""Charts as shapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill.console.charts import HEIGHT, WIDTH, draw_columns, draw_line, draw_rows, percent

VALUES = st.lists(st.tuples(st.text(max_size=5), st.integers(0, 10**12)), max_size=100)


@given(VALUES)
def test_every_column_stands_inside_its_chart(values):
    chart = draw_columns("Orders", ("Day", "Orders"), values)
    assert len(values) == len(chart.bars)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
    assert chart.is_empty == (not any(value for _, value in values))


@given(VALUES)
def test_a_larger_value_is_never_drawn_smaller(values):
    for chart in (draw_columns("", ("", ""), values), draw_line("", ("", ""), values)):
        drawn = sorted((value, bar.height) for (_, value), bar in zip(values, chart.bars, strict=True))
        assert sorted(height for _, height in drawn) == [height for _, height in drawn]


def test_the_scale_ends_at_a_round_number_and_begins_at_zero():
    chart = draw_columns("", ("", ""), [("a", 71), ("b", 12)])
    assert ["0", "20", "40", "60", "80"] == [line.said for line in chart.lines]


def test_rows_tell_their_share_of_the_whole():
    chart = draw_rows("", ("", ""), [("all", 8), ("some", 2)], whole=8)
    assert [("8", "100%"), ("2", "25%")] == [(bar.said, bar.share) for bar in chart.bars]
    assert [WIDTH, WIDTH // 4] == [bar.width for bar in chart.bars]


def test_the_summary_names_the_highest():
    assert "2 values; the highest is 9 (b)." == draw_columns("", ("", ""), [("a", 1), ("b", 9)]).summary


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(0, 0, 0), (1, 3, 33), (2, 3, 67), (1, 2, 50), (5, 5, 100), (1, 200, 1)]
)
def test_percentages_are_rounded(part, whole, said):
    assert said == percent(part, whole)
