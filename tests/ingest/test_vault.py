"""References to Vault, against a stand-in that speaks the KV version 2 and AppRole HTTP shapes; no real Vault is at hand for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.secrets import LocalSecretStore, open_config
from ingest.vault import vault_of
from schema.errors import ConnectionFailed, InvalidInput
from schema.settings import Settings
from tests.servers import free_port
from tests.vaults import VaultServer, vault_server

CANARY = "canary-Zq7-password"
REFERENCE = "${vault:secret/pursight/shop#password}"


@pytest.fixture
def vault() -> Iterator[VaultServer]:
    with vault_server() as found:
        found.secrets["secret/pursight/shop"] = {"password": CANARY}
        yield found


def opened(config: Settings, value: str = REFERENCE) -> Any:
    store = LocalSecretStore(config.data_dir)
    return open_config({"password": value}, store, vault=vault_of(config))["password"]


def by_token(config: Settings, vault: VaultServer, **more: Any) -> Settings:
    known = {"vault_addr": vault.address, "vault_token": SecretStr("root-token")}
    return config.model_copy(update=known | more)


def by_role(config: Settings, vault: VaultServer, secret_id: str = "the-secret-id") -> Settings:
    role = {"vault_role_id": "the-role", "vault_secret_id": SecretStr(secret_id)}
    return config.model_copy(update={"vault_addr": vault.address, **role})


def test_a_secret_is_read_with_a_token_and_anew_at_each_use(vault: VaultServer, config: Settings) -> None:
    assert opened(by_token(config, vault)) == CANARY
    assert opened(by_token(config, vault), f"user:{REFERENCE}@host") == f"user:{CANARY}@host"
    vault.secrets["secret/pursight/shop"] = {"password": "rotated"}
    assert opened(by_token(config, vault)) == "rotated"
    assert vault.asked == ["/v1/secret/data/pursight/shop"] * 3


def test_a_role_signs_in_once_and_again_when_its_token_has_ended(
    vault: VaultServer, config: Settings
) -> None:
    own = by_role(config, vault)
    assert [opened(own) for _ in range(3)] == [CANARY] * 3
    assert vault.logins == 1
    vault.tokens.clear()
    assert opened(own) == CANARY
    assert vault.logins == 2


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"vault_token": SecretStr("wrong")}, "PERMISSION"),
        ({"reference": "${vault:secret/pursight/other#password}"}, "NOT_FOUND"),
        ({"reference": "${vault:secret/pursight/shop#other}"}, "NOT_FOUND"),
        ({"sealed": True}, "UNREACHABLE"),
        ({"vault_addr": f"http://127.0.0.1:{free_port()}"}, "UNREACHABLE"),
    ],
)
def test_why_a_secret_cannot_be_read_is_told_without_it(
    vault: VaultServer, config: Settings, change: dict[str, Any], cause: str
) -> None:
    vault.sealed = bool(change.pop("sealed", False))
    reference = change.pop("reference", REFERENCE)
    with pytest.raises(ConnectionFailed) as failed:
        opened(by_token(config, vault, **change), reference)
    assert (failed.value.cause, failed.value.path) == (cause, ("config", "password"))
    assert CANARY not in str(failed.value) + failed.value.remedy


def test_a_refused_role_is_told_as_such(vault: VaultServer, config: Settings) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        opened(by_role(config, vault, "wrong"))
    assert failed.value.cause == "CREDENTIALS"


@pytest.mark.parametrize(
    "reference",
    [
        "${vault:secret/other/shop#password}",
        "${vault:secret/pursight/../other#password}",
        "${vault:secret/pursight/shop}",
        "${vault:sys/mounts#x}",
    ],
)
def test_sources_read_no_secret_but_those_that_the_operator_lists(
    vault: VaultServer, config: Settings, reference: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(by_token(config, vault), reference)
    assert refused.value.path == ("config", "password")
    assert vault.asked == []


def test_without_a_vault_a_reference_says_what_to_set(config: Settings) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(config)
    assert "PURSIGHT_VAULT_ADDR" in refused.value.remedy


def test_no_source_can_read_the_token_of_vault_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", CANARY)
    with pytest.raises(InvalidInput):
        open_config({"password": "${env:VAULT_TOKEN}"}, LocalSecretStore(tmp_path))
