"""What stands between a connector and a server when the network is not what it should be."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from ingest.connectors.base import Connector
from schema.domain.catalog import DiscoveredDataset
from schema.errors import ConnectionFailed


@contextlib.contextmanager
def half_open(target: int, question: bytes) -> Iterator[tuple[int, threading.Event]]:
    """A proxy that passes the beginning of the answer to what holds ``question``, then nothing more, of any connection; the event tells when."""
    silent, closing = threading.Event(), threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = [listening]

    def passed(start: socket.socket, end: socket.socket, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := start.recv(65536):
                if answers and asked.is_set() and not silent.is_set():
                    end.sendall(data[:700])
                    silent.set()
                elif not silent.is_set():
                    if question in data:
                        asked.set()
                    end.sendall(data)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while not closing.is_set():
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", target))
                ends.extend((near, far))
                for start, end, answers in ((near, far, False), (far, near, True)):
                    threading.Thread(
                        target=passed, args=(start, end), kwargs={"answers": answers}, daemon=True
                    ).start()

    asked = threading.Event()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1], silent
    finally:
        closing.set()
        for each in ends:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def cause_of_the_interrupted(
    source: Connector, dataset: DiscoveredDataset, rows: int, silent: threading.Event
) -> str | None:
    """By which cause a sample fails that is interrupted once nothing more comes, within ten seconds; None where it does not fail."""
    ended: list[ConnectionFailed] = []

    def sample() -> None:
        try:
            source.sample(dataset, rows)
        except ConnectionFailed as error:
            ended.append(error)

    reading = threading.Thread(target=sample)
    reading.start()
    assert silent.wait(20)
    begun = time.monotonic()
    source.interrupt()
    reading.join(timeout=20)
    assert not reading.is_alive()
    assert time.monotonic() - begun < 10
    source.close()
    return ended[0].cause if ended else None
