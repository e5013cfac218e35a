"""Secrets of sources: sealed before they are stored, opened at the moment of use.

A secret field is stored either as ``{"sealed": ciphertext}`` or as a reference: ``${env:NAME}``, ``${file:/path}`` or
``${vault:mount/path#field}``.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, SecretStr

from schema.errors import InvalidInput
from schema.ports import SecretStore
from schema.settings import variable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_REFERENCE = re.compile(r"\$\{(env|file|vault):([^{}]+)\}")
# These hold the platform's own keys: a source must not be able to send them to a server of its choice.
_OWN_VARIABLES = ("PURSIGHT_", "NEO4J_", "REDIS_", "VAULT_")
_MOUNTED = Path("/run/secrets")
_LONGEST_FILE = 64 * 1024


class SecretReader(Protocol):
    """Reads secrets that another system keeps."""

    def read(self, reference: str, *, path: tuple[str, ...]) -> str:
        """The secret that ``reference`` names, for the field ``path``; raises ``InvalidInput`` or ``ConnectionFailed``."""


class LocalSecretStore:
    """Fernet keys in a file of mode 600 under ``folder``, newest first; made at first use."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "secrets.key"

    def seal(self, plain: str) -> str:
        """Ciphertext under the newest key."""
        return self._fernet().encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """The plain text; raises ``InvalidInput`` where no key fits."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise InvalidInput(
                "A stored secret cannot be opened with the keys of this server.",
                path=("config",),
                remedy="Restore secrets.key in the data folder, or enter the secret of the source again.",
            ) from None

    def rotate(self) -> None:
        """Seal with a new key from now on; what older keys sealed still opens."""
        self._keys()
        held = os.open(self._file.parent, os.O_RDONLY)  # the folder, since the file itself is replaced
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            os.replace(self._written([_new_key(), *self._keys()]), self._file)
        finally:
            os.close(held)

    def _fernet(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(key) for key in self._keys()])

    def _keys(self) -> list[str]:
        if not self._file.exists():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._written([_new_key()])
            try:
                os.link(draft, self._file)  # fails, unlike a rename, if another process was first
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return self._file.read_text().split()

    def _written(self, keys: Sequence[str]) -> Path:
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".secrets-")  # mode 600
        with os.fdopen(handle, "w") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return Path(name)


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def is_reference(value: str) -> bool:
    """Whether the whole text is one reference, which is no secret itself."""
    return _REFERENCE.fullmatch(value) is not None


def seal_config(config: BaseModel, store: SecretStore) -> dict[str, Any]:
    """The fields that were set, as JSON values; secrets sealed, references kept."""
    return {
        name: _sealed(value, store)
        for name in type(config).model_fields
        if name in config.model_fields_set and (value := getattr(config, name)) is not None
    }


def open_config(
    stored: Mapping[str, Any],
    store: SecretStore,
    *,
    folders: Sequence[Path] = (),
    vault: SecretReader | None = None,
) -> dict[str, Any]:
    """Opposite of ``seal_config``, with references resolved; raises ``InvalidInput`` naming the field, and what ``vault`` does."""
    opening = _Opening(store, (*folders, _MOUNTED), vault)
    return {name: opening.opened(value, ("config", name)) for name, value in stored.items()}


def reference_kind(value: str) -> str | None:
    """``env``, ``file`` or ``vault`` where the whole text is one reference; None where it is none."""
    found = _REFERENCE.fullmatch(value)
    return found[1] if found else None


def unsealed(value: Any, store: SecretStore) -> Any:
    """What ``seal_config`` was given, as JSON values with secrets open and references kept; to compare, never to keep."""
    if isinstance(value, Mapping):
        if set(value) == {"sealed"}:
            return store.open(str(value["sealed"]))
        return {key: unsealed(each, store) for key, each in value.items()}
    return [unsealed(each, store) for each in value] if isinstance(value, list) else value


def _sealed(value: Any, store: SecretStore) -> Any:
    if isinstance(value, SecretStr):
        plain = value.get_secret_value()
        return plain if not plain or is_reference(plain) else {"sealed": store.seal(plain)}
    if isinstance(value, BaseModel):
        return seal_config(value, store)
    if isinstance(value, Mapping):
        return {str(key): _sealed(each, store) for key, each in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [_sealed(each, store) for each in value]
    return str(value) if isinstance(value, Path) else value


@dataclass(frozen=True, slots=True)
class _Opening:
    """Whatever is needed to open stored values."""

    store: SecretStore
    folders: Sequence[Path]
    vault: SecretReader | None

    def opened(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            if set(value) == {"sealed"}:
                return self.opened(self.store.open(str(value["sealed"])), path)
            return {key: self.opened(each, (*path, str(key))) for key, each in value.items()}
        if isinstance(value, tuple | list):
            return [self.opened(each, path) for each in value]
        if isinstance(value, str):
            return _REFERENCE.sub(lambda found: self._resolved(found[1], found[2], path), value)
        return value

    def _resolved(self, kind: str, name: str, path: tuple[str, ...]) -> str:
        if kind == "vault":
            if self.vault is None:
                raise InvalidInput(
                    "No Vault is known to read the reference from.",
                    path=path,
                    remedy="Set PURSIGHT_VAULT_ADDR for server and worker.",
                )
            return self.vault.read(name, path=path)
        text = _from_environment(name) if kind == "env" else _from_file(name, self.folders)
        if text is None:
            what = f"The environment variable {name}" if kind == "env" else "The file of a reference"
            raise InvalidInput(
                f"{what} is not set or may not be read.",
                path=path,
                remedy="Set the variable for server and worker; names that begin with PURSIGHT_, NEO4J_, REDIS_ and VAULT_ are refused."
                if kind == "env"
                else "Put the file into /run/secrets or a folder of PURSIGHT_LOCAL_FILES.",
            )
        return text


def _from_environment(name: str) -> str | None:
    return None if name.upper().startswith(_OWN_VARIABLES) else variable(name)


def _from_file(name: str, folders: Sequence[Path]) -> str | None:
    try:
        real = Path(name).resolve()
        if not any(real.is_relative_to(folder.resolve()) for folder in folders) or real.name == "secrets.key":
            return None
        with real.open(encoding="utf-8") as file:
            return file.read(_LONGEST_FILE).rstrip("\r\n")
    except (OSError, ValueError, RuntimeError):
        return None
