"""Who asks, what he may do, and how much he may see. Access is decided from these values and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schema.errors import Forbidden


class Permission(StrEnum):
    """What a token may do; READ is part of every role."""

    READ = "READ"
    EDIT = "EDIT"
    CLASSIFY = "CLASSIFY"
    SCAN = "SCAN"
    APPROVE = "APPROVE"
    INGEST = "INGEST"
    SAMPLE = "SAMPLE"
    UNMASK = "UNMASK"
    ADMIN = "ADMIN"


class Role(StrEnum):
    READER = "READER"
    EDITOR = "EDITOR"
    STEWARD = "STEWARD"
    OPERATOR = "OPERATOR"
    INGESTER = "INGESTER"
    ANALYST = "ANALYST"
    INVESTIGATOR = "INVESTIGATOR"
    ADMIN = "ADMIN"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.READ}),
    Role.EDITOR: frozenset({Permission.READ, Permission.EDIT}),
    Role.STEWARD: frozenset(
        {Permission.READ, Permission.EDIT, Permission.CLASSIFY, Permission.APPROVE, Permission.SAMPLE}
    ),
    Role.OPERATOR: frozenset({Permission.READ, Permission.SCAN, Permission.INGEST}),
    Role.INGESTER: frozenset({Permission.INGEST}),
    Role.ANALYST: frozenset({Permission.READ, Permission.SAMPLE}),
    Role.INVESTIGATOR: frozenset({Permission.READ, Permission.SAMPLE, Permission.UNMASK}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see: assets up to ``clearance``, in ``domains`` (None: all; '' stands for assets without one)."""

    clearance: int
    domains: tuple[str, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is hidden from the reader."""
        return self.clearance >= EVERYTHING.clearance and self.domains is None

    def parameters(self) -> dict[str, Any]:
        """The parameters that every reading query takes and filters by."""
        return {"clearance": self.clearance, "domains": None if self.domains is None else list(self.domains)}


EVERYTHING = Scope(clearance=4)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller; ``purposes`` are those he may act for."""

    id: str
    name: str
    role: Role
    scope: Scope
    purposes: tuple[str, ...] = ()

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden`` unless this principal has ``permission``."""
        if not self.may(permission):
            raise Forbidden(permission.value)


SYSTEM = Principal(id="system", name="PurSight", role=Role.ADMIN, scope=EVERYTHING)
