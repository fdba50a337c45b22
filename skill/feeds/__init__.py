"""Feeds: what shops have (CSV, JSON Lines, Google, Meta, Shopify) as products, and what is wrong with it, named."""

from skill.feeds.feed import FORMATS, Feed, read_feed
from skill.feeds.rows import QUANTITY_PRESUMED, RowProblem

__all__ = ["FORMATS", "QUANTITY_PRESUMED", "Feed", "RowProblem", "read_feed"]
