"""Which processes of this machine are there."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from ingest.neighbours import is_gone, place, process_name

pytestmark = pytest.mark.skipif(place() is None, reason="this system does not say which processes there are")


def test_a_process_that_lives_is_there_and_one_that_ended_is_gone_before_its_parent_looks() -> None:
    child = subprocess.Popen(["sleep", "60"])
    name = process_name(child.pid)
    assert name
    assert not is_gone(name)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie now
    assert is_gone(name)
    child.wait()
    assert is_gone(name)


def test_a_later_process_of_the_same_id_is_another_one() -> None:
    name = process_name(os.getpid())
    assert name
    began = int(name.rpartition("/")[2])
    assert is_gone(f"{name.rpartition('/')[0]}/{began - 1}")
    assert not is_gone(name)


def test_of_another_machine_or_container_nothing_is_known_here() -> None:
    assert not is_gone(f"elsewhere/{place()}/999999999/{time.monotonic_ns()}")
