"""From a source as the graph keeps it to the facts that its score of health is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from ingest.orchestration.holds import breaker_of
from ingest.orchestration.rules import plan_of
from schema.domain.health import Figures, Health, HealthFacts, health_of, scan_period_s
from schema.domain.plans import ScanPlan
from schema.domain.retries import circuit
from schema.domain.scans import RunState
from schema.domain.schedules import blackout_end
from schema.domain.time import moment


@lru_cache(maxsize=4_096)
def figures_in(text: str | None) -> Figures:
    """The figures as they were kept; none where nothing was checked."""
    return Figures(**json.loads(text)) if text else Figures()


def blacked_out(plan: ScanPlan, now: datetime) -> datetime | None:
    """Until when the source is not to be read; None where it may be."""
    return blackout_end((*plan.blackouts, *(plan.schedule.blackouts if plan.schedule else ())), now)


def facts_of(row: Mapping[str, Any], dead_letters: int, *, now: datetime, warning: timedelta) -> HealthFacts:
    """``row`` holds the properties of a source; ``warning`` is how long before its end a credential is warned of."""
    plan = plan_of(row.get("plan"))
    expires = moment(row.get("credential_expires_at"))
    scanned = moment(row.get("last_run_at") or row.get("plan_at"))
    state = row.get("last_run_state")
    quiet = bool(blacked_out(plan, now))
    return HealthFacts(
        check_ok=row.get("check_ok"),
        check_cause=row.get("check_cause") or "",
        checked_s=_since(moment(row.get("checked_at")), now),
        check_every_s=None if quiet else plan.check_every_s or None,
        figures=figures_in(row.get("health_figures")),
        last_scan=RunState(state) if state else None,
        scan_age_s=_since(scanned, now),
        scan_period_s=None if quiet else scan_period_s(plan, row.get("interval_s"), now),
        dead_letters=dead_letters,
        circuit=circuit(breaker_of(row.get("breaker")), now),
        credential_s=None if expires is None else (expires - now).total_seconds(),
        warning_s=warning.total_seconds(),
    )


def source_health(row: Mapping[str, Any], dead_letters: int, *, now: datetime, warning: timedelta) -> Health:
    """The health of a source as of ``now``."""
    return health_of(facts_of(row, dead_letters, now=now, warning=warning))


def _since(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else (now - then).total_seconds()
