"""Credentials of sources: where each secret is kept, and how long all of them are valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SecretKind(StrEnum):
    """Where a secret is."""

    SEALED = "SEALED"
    ENVIRONMENT = "ENVIRONMENT"
    FILE = "FILE"
    VAULT = "VAULT"


class CredentialState(StrEnum):
    """The best first."""

    VALID = "VALID"
    EXPIRING = "EXPIRING"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class SecretField:
    """A setting of a source that is secret; ``reference`` is empty where it is sealed."""

    name: str
    kind: SecretKind
    reference: str = ""


def credential_state(expires_at: datetime | None, now: datetime, warning: timedelta) -> CredentialState:
    """Whether a credential is valid, and whether it ends within ``warning``; VALID where it has no end."""
    if expires_at is None or expires_at - now >= warning:
        return CredentialState.VALID
    return CredentialState.EXPIRING if expires_at > now else CredentialState.EXPIRED
