"""Secrets of sources that a HashiCorp Vault keeps: its key-value engine, version 2, by a token or by AppRole.

A reference is ``${vault:mount/path#field}``. The secret is read at each use and kept nowhere, so that what is rotated there is taken at
the next use. Source of the shapes: Vault HTTP API, "KV secrets engine - version 2" and "AppRole auth method".
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from ingest.connectors.base import load
from schema.errors import ConnectionFailed, InvalidInput
from schema.settings import Settings

if TYPE_CHECKING:
    import hvac

_REFERENCE = re.compile(r"(?P<mount>[\w.-]+)/(?P<path>[\w./ -]+)#(?P<field>[\w. -]+)")


@dataclass(frozen=True, slots=True)
class VaultAccess:
    """Where a Vault is and how one logs in; ``paths`` are globs over what may be read, ``timeout_s`` bounds one question, seconds."""

    address: str
    namespace: str
    cacert: Path | None
    token: SecretStr
    role_id: str
    secret_id: SecretStr
    approle_mount: str
    paths: tuple[str, ...]
    timeout_s: float

    @classmethod
    def of(cls, config: Settings) -> Self:
        return cls(
            config.vault_addr,
            config.vault_namespace,
            config.vault_cacert,
            config.vault_token,
            config.vault_role_id,
            config.vault_secret_id,
            config.vault_approle_mount,
            config.vault_paths,
            config.source_timeout_s,
        )


class Vault:
    """One Vault; safe for use by several threads."""

    def __init__(self, access: VaultAccess) -> None:
        self._access = access
        self._client: hvac.Client | None = None
        self._lock = threading.Lock()

    def read(self, reference: str, *, path: tuple[str, ...]) -> str:
        """The text of one field of a secret. Raises ``InvalidInput`` where the reference cannot be meant or is not allowed, and
        ``ConnectionFailed``: UNREACHABLE or TIMEOUT, CREDENTIALS, PERMISSION, NOT_FOUND.
        """
        found = _REFERENCE.fullmatch(reference)
        if found is None or ".." in found["path"].split("/"):
            raise InvalidInput(
                "This names no secret in Vault.",
                path=path,
                remedy="Write ${vault:mount/path#field}, such as ${vault:secret/pursight/shop#password}.",
            )
        name = f"{found['mount']}/{found['path']}"
        if not any(fnmatchcase(name, glob) for glob in self._access.paths):
            raise InvalidInput(
                "Sources may not read this secret.",
                path=path,
                remedy="Name one within PURSIGHT_VAULT_PATHS, or have the operator add its path there.",
            )
        load("hvac", "requests")
        try:
            import hvac.exceptions
            import requests
        except ImportError:
            raise ConnectionFailed(
                "MISSING_DRIVER", "The client of Vault is not installed.", "pip install hvac", path=path
            ) from None
        try:
            held = self._secret(found["mount"], found["path"])
        except requests.Timeout:
            raise ConnectionFailed(
                "TIMEOUT", "Vault did not answer in time.", "Check PURSIGHT_VAULT_ADDR.", path=path
            ) from None
        except requests.RequestException:
            raise ConnectionFailed(
                "UNREACHABLE",
                "Vault cannot be reached.",
                "Check PURSIGHT_VAULT_ADDR, its certificate, and that it runs.",
                path=path,
            ) from None
        except hvac.exceptions.InvalidPath:
            held = None
        except (hvac.exceptions.Unauthorized, hvac.exceptions.InvalidRequest):
            raise ConnectionFailed(
                "CREDENTIALS",
                "Vault refused the log-in.",
                "Renew PURSIGHT_VAULT_TOKEN, or the role and secret id.",
                path=path,
            ) from None
        except hvac.exceptions.Forbidden:
            raise ConnectionFailed(
                "PERMISSION",
                "Vault does not let PurSight read this secret.",
                "Renew its token, or give its policy the right to read the path.",
                path=path,
            ) from None
        except hvac.exceptions.VaultError:
            raise ConnectionFailed(
                "UNREACHABLE", "Vault answers with an error, or is sealed.", "See to Vault.", path=path
            ) from None
        value = (held or {}).get(found["field"])
        if not isinstance(value, str):
            raise ConnectionFailed(
                "NOT_FOUND",
                "Vault holds no such secret, or it has no such field with a text.",
                "Check mount, path and field; the engine must be version 2.",
                path=path,
            )
        return value

    def _secret(self, mount: str, path: str) -> dict[str, Any]:
        import hvac.exceptions

        client = self._ready(anew=False)
        try:
            return _read(client, mount, path)
        except hvac.exceptions.Forbidden:
            if self._access.token.get_secret_value():
                raise
            return _read(self._ready(anew=True), mount, path)  # the token of the role may have ended

    def _ready(self, *, anew: bool) -> hvac.Client:
        import hvac

        access = self._access
        with self._lock:
            if self._client is None or anew:
                client = hvac.Client(
                    url=access.address,
                    token=access.token.get_secret_value(),
                    namespace=access.namespace or None,
                    verify=str(access.cacert) if access.cacert else True,
                    timeout=access.timeout_s,
                )
                if not client.token:
                    client.auth.approle.login(
                        role_id=access.role_id,
                        secret_id=access.secret_id.get_secret_value() or None,
                        mount_point=access.approle_mount,
                    )
                self._client = client
            return self._client


def _read(client: hvac.Client, mount: str, path: str) -> dict[str, Any]:
    answer = client.secrets.kv.v2.read_secret_version(
        path=path, mount_point=mount, raise_on_deleted_version=True
    )
    data: dict[str, Any] = answer["data"]["data"]
    return data


@lru_cache(maxsize=8)
def _vault(access: VaultAccess) -> Vault:
    return Vault(access)


def vault_of(config: Settings) -> Vault | None:
    """The Vault of these settings, the same for the same ones, so that its token is; None where they name none."""
    return _vault(VaultAccess.of(config)) if config.vault_addr else None
