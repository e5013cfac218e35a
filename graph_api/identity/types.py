"""Principals, tokens and audit events, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from graph_api.enums import Permission, Role, Sensitivity
from graph_api.node import Node, global_id
from graph_api.paging import Connection
from graph_api.values import stored_json
from schema.domain import identity
from schema.domain.audit import place_key
from schema.domain.time import moment


@strawberry.type(description="Who asks, what he may do and see.")
class Viewer:
    principal_id: str = strawberry.field(description="Identity in the audit trail.")
    name: str = strawberry.field(description="Name of the token.")
    role: Role = strawberry.field(description="Role of the token.")
    permissions: list[Permission] = strawberry.field(description="What the role may do.")
    clearance: Sensitivity = strawberry.field(description="The highest level the caller may see.")
    domains: list[str] | None = strawberry.field(
        description="Domains the caller may see; null for all, empty text for assets without one."
    )
    purposes: list[str] = strawberry.field(
        description="What the caller may say he acts for when he asks for rows."
    )

    @classmethod
    def of(cls, principal: identity.Principal) -> Self:
        scope = principal.scope
        return cls(
            principal_id=principal.id,
            name=principal.name,
            role=Role(principal.role.value),
            permissions=[each for each in Permission if principal.may(identity.Permission(each.value))],
            clearance=Sensitivity(scope.clearance),
            domains=None if scope.domains is None else list(scope.domains),
            purposes=list(principal.purposes),
        )


@strawberry.type(description="An API token; its text is shown once, when it is made.")
class Token(Node):
    token_id: str = strawberry.field(
        description="Identity of the token, and of its holder in the audit trail."
    )
    name: str = strawberry.field(description="What it is for.")
    role: Role = strawberry.field(description="What it may do.")
    clearance: Sensitivity = strawberry.field(description="The highest level it may see.")
    domains: list[str] | None = strawberry.field(description="Domains it may see; null for all.")
    purposes: list[str] = strawberry.field(
        description="What its holder may say he acts for when he asks for rows."
    )
    created_at: datetime | None = strawberry.field(description="When it was made.")
    created_by: str = strawberry.field(description="Who made it.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("Token", row["key"]),
            token_id=row["id"],
            name=row["name"],
            role=Role(row["role"]),
            clearance=Sensitivity(row["clearance"]),
            domains=row["domains"],
            purposes=list(row["purposes"] or ()),
            created_at=moment(row["created_at"]),
            created_by=row["created_by"] or "",
            expires_at=moment(row["expires_at"]),
            revoked_at=moment(row["revoked_at"]),
        )


@strawberry.type(description="A page of tokens, by identity.")
class TokenConnection(Connection[Token]): ...


@strawberry.type(description="One change, chained by hash to the one before it in its lane.")
class AuditEvent(Node):
    event_id: str = strawberry.field(description="Identity of the event.")
    at: datetime | None = strawberry.field(description="When it happened.")
    actor: str = strawberry.field(description="Who did it.")
    action: str = strawberry.field(description="What was done.")
    subjects: list[str] = strawberry.field(
        description="Urns and identities it was done to; those the caller may not see are left out."
    )
    reason: str = strawberry.field(description="Why, in the actor's words.")
    details: JSON = strawberry.field(
        description="Counts and names; of a question to a language model (languageModel.ask) the prompt, the answer and what was taken of it, which are left out where they speak of what the caller may not see. Never values of data."
    )
    lane: int = strawberry.field(description="The chain it belongs to.")
    seq: int = strawberry.field(description="Its place in that chain.")
    hash: str = strawberry.field(description="SHA-256 over the event and its place.")
    previous: str = strawberry.field(description="Hash of the event before it.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            id=global_id("AuditEvent", place_key(row["lane"], row["seq"])),
            event_id=row["id"],
            at=moment(row["at"]),
            actor=row["actor"],
            action=row["action"],
            subjects=list(row["subjects"]),
            reason=row["reason"],
            details=JSON(stored_json(row["details"]) or {}),
            lane=row["lane"],
            seq=row["seq"],
            hash=row["hash"],
            previous=row["previous"],
        )


@strawberry.type(description="A page of audit events, newest first.")
class AuditEventConnection(Connection[AuditEvent]): ...
