"""What the supervisor tells others about itself, in ``state.json`` of the data folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Self

from graph_api.stack.process import write_private

Phase = Literal["starting", "running", "stopping", "stopped", "failed"]


@dataclass(slots=True)
class State:
    """Written at every change; ``pid`` says which supervisor wrote it."""

    pid: int
    phase: Phase = "starting"
    steps: list[str] = field(default_factory=list)
    restarts: dict[str, int] = field(default_factory=dict)
    message: str = ""
    remedy: str = ""

    @classmethod
    def read(cls, data_dir: Path) -> Self | None:
        try:
            return cls(**json.loads(state_path(data_dir).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, data_dir: Path) -> None:
        write_private(state_path(data_dir), json.dumps(asdict(self)))


def state_path(data_dir: Path) -> Path:
    return data_dir / "state.json"
