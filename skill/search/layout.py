"""How an index file is told from others: kept apart so that opening one loads nothing that only a build needs."""

from __future__ import annotations

#: Written to `user_version`. An index of another number is refused and must be built again.
FORMAT_VERSION = 6
#: "SYSO", written to `application_id`: tells an index from other SQLite files.
APPLICATION_ID = 0x5359534F

# How sounds are packed into one number of 64 bits: the mask of a word's sounds above, the number of its grams, its own number.
GRAMS_SHIFT = 20
MASK_SHIFT = 25
GRAMS_MAX = (1 << MASK_SHIFT - GRAMS_SHIFT) - 1
SOUNDS_COUNT_MAX = (1 << GRAMS_SHIFT) - 1
