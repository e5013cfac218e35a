"""Workflows as people write them: YAML in and out, and the conditions in it."""

import sys
from types import ModuleType

# The library of conditions imports its own command line with a toolkit for terminals, which takes a tenth of a worker's start.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
