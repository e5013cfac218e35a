"""sqlglot's dialects, and what its parser may raise."""

from __future__ import annotations

import logging
from typing import Any

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from ingest.sql_lineage.naming import Naming

# sqlglot logs the SQL it cannot read, and with it the values in it.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

GENERIC: Any = Dialect.get_or_raise("")


# sqlglot's own errors, and what its parser runs into on broken text.
FAILURES = (SqlglotError, RecursionError, AttributeError, TypeError, LookupError, ValueError)


def dialect_of(naming: Naming) -> Any:
    """sqlglot's dialect; the generic one where it has none of this name."""
    try:
        return Dialect.get_or_raise(naming.parser)
    except ValueError:
        return GENERIC
