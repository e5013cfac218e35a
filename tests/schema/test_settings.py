"""Settings are what the environment says, and their defaults where it says nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graph_api.cli.group import main
from schema.settings import Settings, settings


def test_an_empty_variable_does_not_put_the_data_into_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PURSIGHT_DATA_DIR", "")

    assert Settings().data_dir.is_absolute()
    assert Settings().data_dir != Path.cwd()


def test_a_folder_is_named_as_it_is_or_several_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("/data/in, /data/more", '["/data/in", "/data/more"]'):
        monkeypatch.setenv("PURSIGHT_LOCAL_FILES", given)
        assert Settings().local_files == (Path("/data/in"), Path("/data/more"))


@pytest.mark.parametrize(
    ("name", "value"), [("NAMESPACE_ALIASES", "warehouse=snowflake://x"), ("LOCAL_FILES", '["/data/in"')]
)
def test_a_list_that_is_not_json_is_told_by_its_name_and_not_by_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(f"PURSIGHT_{name}", value)
    settings.cache_clear()
    monkeypatch.setattr(sys, "argv", ["pursight", "status"])
    with pytest.raises(SystemExit) as ended:
        main()
    settings.cache_clear()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert f"PURSIGHT_{name}" in told
    assert "not JSON" in told
    assert value not in told
