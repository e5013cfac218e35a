"""Settings are what the environment says, and their defaults where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema.settings import Settings


def test_an_empty_variable_does_not_put_the_data_into_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PURSIGHT_DATA_DIR", "")

    assert Settings().data_dir.is_absolute()
    assert Settings().data_dir != Path.cwd()
