"""A real HTTP server that speaks OpenAI's wire format; what it answers is up to the test."""

import json
import re
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

_DATA = re.compile(r"<data-([0-9a-f]{12})>\n(.*?)\n</data-\1>", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """One request as the server got it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def prompt(self) -> str:
        """Everything that the model reads."""
        return "\n".join(message["content"] for message in self.body["messages"])

    @property
    def data(self) -> dict[str, Any]:
        """The fenced data of the last message that has some."""
        return json.loads(_DATA.findall(self.prompt)[-1][1])

    @property
    def attributes(self) -> dict[str, dict[str, Any]]:
        """What is told of each attribute, by its key."""
        found: dict[str, Any] = {}
        for _, text in _DATA.findall(self.prompt):
            found.update(json.loads(text).get("attributes", {}))
        return found

    @property
    def form(self) -> str:
        """How the answer is asked to keep to JSON."""
        return (self.body.get("response_format") or {}).get("type", "plain")


@dataclass(frozen=True)
class Reply:
    """What the server sends; `is_cut` breaks the connection off in the middle, `waits` keeps it silent."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False
    waits: bool = False


Answering = Callable[[Asked], Reply]


def says(text: str, *, finish_reason: str = "stop", refusal: str | None = None, tokens: Any = (100, 20)) -> Reply:
    """A chat completion with this text."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "double",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
    }
    if tokens:
        prompt, completion = tokens
        body["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
    return Reply(body=body)


def proposes(*rules: Mapping[str, Any], **options: Any) -> Reply:
    """A chat completion with these rules."""
    return says(json.dumps({"rules": list(rules)}), **options)


def refuses(status: int, message: str = "no", code: str | None = None, **headers: str) -> Reply:
    """An error in OpenAI's form."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"message": message, "type": "error", "param": None, "code": code}}, named)


def a_proposal(key: str, check: str = "not_null", parameters: Mapping[str, Any] | None = None, **more: Any) -> dict:
    """One entry of an answer."""
    about = {"name": f"{key} {check}", "severity": "high", "confidence": 90, "rationale": "as told"}
    return {"attribute": key, "test": {"check": check, "parameters": dict(parameters or {})}, **about, **more}


def presence_of_all(asked: Asked) -> Reply:
    """A model that proposes one rule for every attribute: its column has a value."""
    return proposes(*(a_proposal(key) for key in asked.attributes))


class ModelServer:
    """Answers at `url` until it is closed, and remembers what it was asked."""

    def __init__(self, answering: Answering | Sequence[Reply]) -> None:
        self.asked: list[Asked] = []
        self.answering = answering
        self._lock = Lock()
        self._closing = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, asked: Asked) -> Reply:
        with self._lock:
            number = len(self.asked)
            self.asked.append(asked)
        if callable(self.answering):
            return self.answering(asked)
        return self.answering[min(number, len(self.answering) - 1)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                asked = Asked(json.loads(self.rfile.read(length)), {k.lower(): v for k, v in self.headers.items()})
                reply = server._reply(asked)
                if reply.waits:
                    server._closing.wait(30)
                    self.close_connection = True
                    return
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if reply.is_cut:
                    self.wfile.write(content[: len(content) // 2])
                    self.wfile.flush()
                    reset = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                    self.close_connection = True
                    return
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def a_model(answering: Answering | Sequence[Reply] = presence_of_all) -> Iterator[ModelServer]:
    """A server for the block."""
    server = ModelServer(answering)
    try:
        yield server
    finally:
        server.close()
