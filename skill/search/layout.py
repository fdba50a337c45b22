"""How an index file is told from others: kept apart so that opening one loads nothing that only a build needs."""

from __future__ import annotations

#: Written to `user_version`. An index of another number is refused and must be built again.
FORMAT_VERSION = 1
#: "SYSO", written to `application_id`: tells an index from other SQLite files.
APPLICATION_ID = 0x5359534F
