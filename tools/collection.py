"""Importing this makes the collection importable under its real name, as its users import it."""

from __future__ import annotations

import sys

from system import ROOT


sys.path.insert(0, str(ROOT / ".collections"))
