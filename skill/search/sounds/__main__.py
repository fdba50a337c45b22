"""Packs CMUdict for the package: `python -m skill.search.sounds CMUDICT.DICT` writes `en.dictionary.gz` here."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from skill.search.sounds import pack_dictionary

source = Path(sys.argv[1]).read_text("utf-8")
packed = "\n".join(pack_dictionary(source.splitlines())) + "\n"
Path(__file__).with_name("en.dictionary.gz").write_bytes(gzip.compress(packed.encode(), 9, mtime=0))
