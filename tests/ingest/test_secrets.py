from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.connectors.base import ConnectorConfig, parse_config
from ingest.secrets import LocalSecretStore, open_config, seal_config
from schema.errors import InvalidInput

CANARY = "canary-Zq7-password"


class Nested(ConnectorConfig):
    token: SecretStr


class Config(ConnectorConfig):
    host: str = "localhost"
    password: SecretStr = SecretStr("")
    folder: Path | None = None
    nested: Nested | None = None
    tokens: tuple[SecretStr, ...] = ()


def test_a_sealed_secret_opens_again_and_is_not_readable(tmp_path: Path) -> None:
    store = LocalSecretStore(tmp_path)
    sealed = store.seal(CANARY)
    assert CANARY not in sealed
    assert store.open(sealed) == CANARY
    assert LocalSecretStore(tmp_path).open(sealed) == CANARY
    assert store.seal(CANARY) != sealed


def test_the_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = LocalSecretStore(tmp_path / "new")
    store.seal("x")
    store.rotate()
    (file,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_after_rotation_old_secrets_open_and_new_ones_need_the_new_key(tmp_path: Path) -> None:
    store = LocalSecretStore(tmp_path)
    before = store.seal(CANARY)
    old = (tmp_path / "secrets.key").read_text()
    store.rotate()
    after = store.seal(CANARY)
    assert (store.open(before), store.open(after)) == (CANARY, CANARY)
    (tmp_path / "secrets.key").write_text(old)
    with pytest.raises(InvalidInput):
        store.open(after)


def test_a_secret_of_another_store_does_not_open(tmp_path: Path) -> None:
    sealed = LocalSecretStore(tmp_path / "a").seal(CANARY)
    with pytest.raises(InvalidInput) as failed:
        LocalSecretStore(tmp_path / "b").open(sealed)
    assert "secrets.key" in failed.value.remedy


AT_ONCE = """
import sys
from pathlib import Path
from ingest.secrets import LocalSecretStore

store = LocalSecretStore(Path(sys.argv[1]))
print(store.seal(sys.argv[2]), flush=True)
sys.stdin.read(1)
store.rotate()
"""


def test_processes_that_start_and_rotate_at_once_lose_no_key(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, str(tmp_path), CANARY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(6)
    ]
    sealed = [process.stdout.readline().strip() for process in processes if process.stdout]
    for process in processes:
        process.communicate("go", timeout=60)
    assert {LocalSecretStore(tmp_path).open(each) for each in sealed} == {CANARY}
    assert len((tmp_path / "secrets.key").read_text().split()) == 1 + len(processes)


def test_a_config_is_stored_without_its_secrets_and_comes_back_whole(tmp_path: Path) -> None:
    store = LocalSecretStore(tmp_path)
    config = Config(
        host="h",
        password=SecretStr(CANARY),
        folder=Path("/data"),
        nested=Nested(token=SecretStr(CANARY)),
        tokens=(SecretStr(CANARY),),
    )
    stored = json.dumps(seal_config(config, store))
    assert CANARY not in stored + repr(config) + str(config)
    assert Config.model_validate(open_config(json.loads(stored), store)) == config


def test_the_password_of_a_url_is_sealed_like_any_other(tmp_path: Path) -> None:
    store = LocalSecretStore(tmp_path)
    config = parse_config("postgres", {"url": f"postgres://u:{CANARY}@h/d"})
    stored = seal_config(config, store)
    assert CANARY not in json.dumps(stored) + repr(config)
    assert stored["host"] == "h"
    assert open_config(stored, store)["password"] == CANARY


def test_references_are_stored_as_they_are_and_resolved_at_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalSecretStore(tmp_path / "keys")
    (tmp_path / "token").write_text(CANARY + "\n")
    config = Config(
        host="${env:SHOP_HOST}",
        password=SecretStr("${env:SHOP_PW}"),
        nested=Nested(token=SecretStr(f"${{file:{tmp_path}/token}}")),
    )
    stored = seal_config(config, store)
    assert stored["password"] == "${env:SHOP_PW}"
    with pytest.raises(InvalidInput) as unset:
        open_config(stored, store)
    assert unset.value.path == ("config", "host")
    monkeypatch.setenv("SHOP_PW", CANARY)
    monkeypatch.setenv("SHOP_HOST", "h")
    opened = open_config(stored, store, folders=(tmp_path,))
    assert (opened["host"], opened["password"], opened["nested"]["token"]) == ("h", CANARY, CANARY)


@pytest.mark.parametrize("name", ["NEO4J_PASSWORD", "PURSIGHT_NEO4J_PASSWORD", "REDIS_URL"])
def test_a_source_cannot_refer_to_the_keys_of_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, CANARY)
    with pytest.raises(InvalidInput) as refused:
        open_config({"password": f"${{env:{name}}}"}, LocalSecretStore(tmp_path))
    assert CANARY not in str(refused.value)


def test_a_file_reference_stays_inside_the_allowed_folders(tmp_path: Path) -> None:
    store = LocalSecretStore(tmp_path / "data")
    store.seal("x")
    (tmp_path / "data/link").symlink_to("/etc/hostname")
    for path in (
        "/etc/hostname",
        f"{tmp_path}/data/../../x",
        f"{tmp_path}/data/link",
        f"{tmp_path}/data/secrets.key",
    ):
        with pytest.raises(InvalidInput):
            open_config({"password": f"${{file:{path}}}"}, store, folders=(tmp_path / "data",))
