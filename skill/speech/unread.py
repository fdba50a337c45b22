"""A locale's messages, each parsed when it is first spoken.

A whole file takes longer to parse than a turn to answer, and a turn speaks a handful of its messages.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

from fluent.runtime import FluentBundle, FluentResource, resolver

# Fluent takes values of 2,500 characters, against messages that unfold into one another without end. Ours speak of no others
# (`wording.py`), and the fifty lines of a quote are one value.
resolver.MAX_PART_LENGTH = 100_000

#: Where an entry begins, a message or a term: at the start of a line. What belongs to it is indented.
_ENTRY = re.compile(r"^(-?[a-zA-Z][\w-]*) *=", re.MULTILINE)
#: What a pattern speaks of by name: another message or a term.
_REFERENCE = re.compile(r"\{\s*(-?[a-zA-Z][\w-]*)")


def split_entries(text: str) -> dict[str, str]:
    """The Fluent text of each message and term by its name; a term's name begins with `-`."""
    starts = list(_ENTRY.finditer(text))
    ends = [each.start() for each in starts[1:]] + [len(text)]
    return {each[1]: text[each.start() : end] for each, end in zip(starts, ends, strict=True)}


class UnreadBundle(FluentBundle):
    """`shipped` is the Fluent text of the locale's own messages; those of the `voices` take the place of theirs."""

    def __init__(self, locale: str, shipped: str, voices: Sequence[str] = ()) -> None:
        # Isolation marks are for mixed scripts on paper; a voice would stumble over them.
        super().__init__([locale], use_isolating=False)
        for text in voices:
            self.add_resource(FluentResource(text), allow_overrides=True)
        self._unread = split_entries(shipped)
        self._ready: set[str] = set()
        self._reading = threading.Lock()

    def get_message(self, message_id: str) -> Any:
        """Raises `LookupError` where there is none."""
        if message_id not in self._ready:
            with self._reading:
                self._read(message_id)
        return super().get_message(message_id)

    def _read(self, name: str) -> None:
        """Parses an entry and whatever it, or a voice's message of that name, speaks of."""
        read: set[str] = set()
        # A voice's message may speak of any entry: then all of them are read, which a store's own voice costs once.
        pending = [name, *self._unread] if name in self._messages else [name]
        while pending:
            each = pending.pop()
            text = self._unread.get(each)
            if text is None or each in read or each in self._ready:
                continue
            read.add(each)
            self.add_resource(FluentResource(text))
            pending += _REFERENCE.findall(text)
        self._ready |= read | {name}
