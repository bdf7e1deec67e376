"""Asking a model double through the real client, without data or database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from profiling_pipeline.generation.language_model.asking import Asker, KeptAnswer, KeptAnswers, NoKeptAnswers, Request
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.generation.language_model.openai_client import ModelClient
from profiling_pipeline_tests.model_server import ModelServer

KEY = "sk-very-secret-0123456789"


class AnswersInMemory(NoKeptAnswers):
    """Keeps answers as the database does."""

    def __init__(self, run_id: str | None = None) -> None:
        self.run_id = run_id
        self.kept: dict[str, KeptAnswer] = {}

    def find(self, digest: str) -> KeptAnswer | None:
        return self.kept.get(digest)

    def keep(self, digest: str, answer: KeptAnswer) -> None:
        self.kept[digest] = answer


@contextmanager
def an_asker(server: ModelServer, answers: KeptAnswers | None = None, **options: Any) -> Iterator[Asker]:
    endpoint = Endpoint(**{"model": "m", "api_key": KEY, "base_url": server.url, "retry_seconds": 0.001} | options)
    client = ModelClient(endpoint)
    try:
        yield Asker(endpoint, client, answers or NoKeptAnswers())
    finally:
        client.close()


def a_request(text: str = "Propose.") -> Request:
    return Request(({"role": "user", "content": text},), {"type": "object"})
