"""Arguments that many mutations take."""

from __future__ import annotations

from typing import Annotated

import strawberry

Reason = Annotated[str, strawberry.argument(description="Why, for the audit trail.")]
