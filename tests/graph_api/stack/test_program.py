"""Our own processes and the ports they listen on, beside another installation that wants the same."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_api.stack.process import ProcessRecord, free_port, is_free, record_path
from graph_api.stack.program import Program
from graph_api.stack.supervisor import api_port
from schema.settings import Settings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def started(program: Program) -> ProcessRecord:
    program.start()
    record = ProcessRecord.read(record_path(program.folder, program.name))
    assert record
    return record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path


def test_an_api_whose_port_another_installation_took_meanwhile_listens_on_the_next(
    folder: Path, taken: int
) -> None:
    program = Program("api", ("serve",), folder, port=taken, may_move=True)
    assert program.lost_its_port()
    record = started(program)
    try:
        process = record.process()
        assert process
        assert record.port == program.port > taken
        assert process.cmdline()[-2:] == ["--port", str(record.port)]
    finally:
        program.stop()


def test_a_port_that_was_asked_for_is_not_exchanged(folder: Path, taken: int) -> None:
    program = Program("api", ("serve",), folder, port=taken)
    assert started(program).port == taken
    deadline = time.monotonic() + 60
    while not program.ended():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert f"Port {taken} is taken" in program.log.read_text()


def test_what_answers_on_its_port_is_not_taken_for_the_program(folder: Path, taken: int) -> None:
    program = Program("worker", ("--help",), folder, port=taken)
    started(program)
    assert not program.listens()
    program.stop()
    assert not is_free(taken)
    assert free_port(taken) > taken


def test_an_installation_keeps_its_address_when_a_lower_port_becomes_free(taken: int) -> None:
    moved = free_port(taken + 1)
    assert api_port(Settings(), last=moved) == moved
    assert api_port(Settings(), last=taken) != taken  # somebody else's by now
