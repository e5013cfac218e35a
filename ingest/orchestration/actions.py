"""The names of actions, for whoever checks or plans workflows without doing the work."""

from __future__ import annotations

# Actions and where they are: a module is imported when a worker first needs one of its actions.
ACTIONS: dict[str, str] = dict.fromkeys(
    ("discover", "examine", "lineage", "embed", "publish", "conclude", "usage"), "ingest.orchestration.scan"
)
# Those that read the source: blackouts, budgets and broken circuits hold them back.
READING = frozenset({"discover", "examine", "usage"})
