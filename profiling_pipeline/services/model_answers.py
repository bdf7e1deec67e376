"""Answers of language models, kept by the content of their request: nobody pays twice for the same one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from profiling_pipeline.generation.language_model.account import Usage
from profiling_pipeline.generation.language_model.asking import KeptAnswer
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import ModelAnswerRow


class StoredAnswers:
    """Answers in the database, each stored in a transaction of its own as soon as it is there.

    So a generation that dies goes on where it was. The request itself is not stored, only its digest.
    """

    def __init__(self, database: Database, run_id: str | None = None) -> None:
        self.run_id = run_id
        self._database = database

    @contextmanager
    def asking(self, digest: str) -> Iterator[None]:
        """Make others who would ask the same wait; the lock goes with the process that holds it."""
        with self._database.translated_errors(), self._database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")  # no transaction stays open for minutes
            connection.detach()  # nor is a place of the pool taken
            key = {"key": int(digest[:16], 16) - 2**63}
            connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)

    def find(self, digest: str) -> KeptAnswer | None:
        """Return the kept answer to a request."""
        with self._database.session() as session:
            row = session.scalar(select(ModelAnswerRow).where(ModelAnswerRow.request_digest == digest))
            if row is None:
                return None
            usage = Usage(row.input_tokens, row.output_tokens, row.tokens_are_estimated)
            return KeptAnswer(row.answer, usage, row.model, row.finish_reason, row.refusal, row.cost, row.run_id)

    def keep(self, digest: str, answer: KeptAnswer) -> None:
        """Store an answer at once."""
        values = {
            "request_digest": digest,
            "model": answer.model,
            "answer": _storable(answer.text),
            "finish_reason": _storable(answer.finish_reason),
            "refusal": _storable(answer.refusal),
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "tokens_are_estimated": answer.usage.is_estimate,
            "cost": answer.cost,
            "run_id": answer.run_id,
        }
        with self._database.session() as session:
            session.execute(insert(ModelAnswerRow).values(values).on_conflict_do_nothing())


def _storable(text: str | None) -> str | None:
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode() if text is not None else None
