"""A server that speaks the chat completions of the OpenAI API, with answers as a test wants them."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], str]


def choosing(**by_column: str) -> Answer:
    """Answers of the form that was asked for: the classification of the columns named, NONE for others."""

    def answer(question: dict[str, Any]) -> str:
        return json.dumps(
            {
                "columns": [
                    {"number": c["number"], "classification": by_column.get(c["name"], "NONE")}
                    for c in question["columns"]
                ]
            }
        )

    return answer


@dataclass
class Model:
    """``answer`` makes the text from the description of the table that the prompt ends with; the server waits for ``open`` before it answers."""

    url: str = ""
    answer: Answer = field(default_factory=choosing)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    open: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]


@contextlib.contextmanager
def served() -> Iterator[Model]:
    model = Model()
    model.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            model.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            model.open.wait(20)
            asked = json.loads(json.loads(body)["messages"][-1]["content"])
            message = {"role": "assistant", "content": model.answer(asked)}
            told = json.dumps({"object": "chat.completion", "choices": [{"index": 0, "message": message}]})
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(model.status)
                for name, value in model.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(told.encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.open.set()
        server.shutdown()
        server.server_close()
        thread.join()
