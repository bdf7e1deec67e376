"""A step over a large table in pieces, each a transaction of its own, by two sessions where that pays."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Event, Lock
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from profiling_pipeline.legacy_migration import functions
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.session import LegacySession, Step

ROWS_AT_ONCE = 100_000

Run = Callable[[LegacySession, Mapping[str, Any]], int]
Prepare = Callable[[LegacySession], None]


@dataclass
class _Part:
    """A range of keys that one session works through: after `low`, up to `high`, each None at an end of the table."""

    step: Step
    low: str | None
    high: str | None
    is_finished: bool = False


class _Account:
    """How much all parts have done, and whether one of them failed."""

    def __init__(self, session: LegacySession, name: str, total: int, done: int) -> None:
        self._session, self._name, self._total, self._done = session, name, total, done
        self._lock = Lock()
        self.stop = Event()

    def add(self, rows: int) -> None:
        with self._lock:
            self._done += rows
            self._session.report(self._name, self._done, self._total)


def in_pieces(session: LegacySession, name: str, table: FoundTable, run: Run, prepare: Prepare | None = None) -> None:
    """Run a step over all rows of a table, going on where an earlier attempt stopped.

    Args:
        session: The migration.
        name: The step.
        table: What it goes over, by its key.
        run: Works on one piece, in a transaction, and returns how many rows it was; its parameters hold the piece's
            bounds, `low` and `high`.
        prepare: Builds what `run` looks up in a session. Where it is given, two sessions share a large table.
    """
    with session.transaction():
        if session.finished_at(name) is not None:
            return
        total = session.rows(sql.SQL("SELECT count(*) FROM {}").format(table.identifier))[0][0]
        parts = _parts(session, name, table, 2 if prepare is not None and total > ROWS_AT_ONCE else 1)
    account = _Account(session, name, total, sum(part.step.rows for part in parts))
    unfinished = [part for part in parts if not part.is_finished]
    if len(unfinished) > 1:
        with ThreadPoolExecutor(len(unfinished)) as pool:
            for done in [pool.submit(_work_apart, session, table, part, run, prepare, account) for part in unfinished]:
                done.result()
    else:
        for part in unfinished:
            _work(session, table, part, run, prepare, account)
    with session.transaction():
        session.write(Step(name, None, sum(part.step.rows for part in parts)), finished=True)


def _parts(session: LegacySession, name: str, table: FoundTable, count: int) -> list[_Part]:
    """Return the parts that an earlier attempt made, or new ones."""
    found = session.rows(
        "SELECT step, last_key, row_count, detail ->> 'low', detail ->> 'high', finished_at IS NOT NULL "
        "FROM legacy_migration_steps WHERE detail ->> 'part_of' = %(name)s ORDER BY step",
        {"name": name},
    )
    if found:
        return [_Part(Step(step, last, rows), low, high, done) for step, last, rows, low, high, done in found]
    borders: list[str | None] = [None, None]
    if count > 1:
        middle = sql.SQL(
            "SELECT border::text FROM (SELECT {key} AS border FROM {table}) keys ORDER BY keys.border "
            "OFFSET (SELECT count(*) / 2 FROM {table}) LIMIT 1"
        ).format(key=table.key_value, table=table.identifier)
        borders.insert(1, session.rows(middle)[0][0])
    parts = [
        _Part(Step(f"{name}, part {number}"), low, high)
        for number, (low, high) in enumerate(pairwise(borders), start=1)
    ]
    for part in parts:
        session.execute(
            "INSERT INTO legacy_migration_steps (step, detail) VALUES (%(step)s, %(detail)s)",
            {"step": part.step.name, "detail": Jsonb({"part_of": name, "low": part.low, "high": part.high})},
        )
    return parts


def _work_apart(
    session: LegacySession, table: FoundTable, part: _Part, run: Run, prepare: Prepare | None, account: _Account
) -> None:
    with session.worker() as worker:
        _work(worker, table, part, run, prepare, account)


def _work(
    session: LegacySession, table: FoundTable, part: _Part, run: Run, prepare: Prepare | None, account: _Account
) -> None:
    try:
        if prepare is not None:
            with session.transaction():
                prepare(session)
        with session.transaction():
            highs = _highs(session, table, part)
        for high in highs:
            if account.stop.is_set():
                return
            piece = {"low": part.step.last_key or part.low, "high": high}
            rows = _run_piece(session, part, run, piece)
            part.step.rows, part.step.last_key = part.step.rows + rows, high
            account.add(rows)
    except BaseException:
        account.stop.set()
        raise


def _highs(session: LegacySession, table: FoundTable, part: _Part) -> list[str | None]:
    """Return the last key of each piece that is still to do; the last one's is that of the part."""
    query = sql.SQL(
        "SELECT k::text FROM (SELECT {key} AS k, row_number() OVER (ORDER BY {key}) AS n FROM {table} "
        "WHERE (%(low)s::{type} IS NULL OR {key} > %(low)s::{type}) "
        "AND (%(high)s::{type} IS NULL OR {key} < %(high)s::{type})) numbered WHERE n %% %(size)s = 0 ORDER BY n"
    ).format(key=table.key_value, table=table.identifier, type=sql.SQL(table.key_type))
    bounds = {"low": part.step.last_key or part.low, "high": part.high, "size": ROWS_AT_ONCE}
    return [*(row[0] for row in session.rows(query, bounds)), part.high]


def _run_piece(session: LegacySession, part: _Part, run: Run, piece: Mapping[str, Any]) -> int:
    try:
        return _run_once(session, part, run, piece, functions.AS_JSON_AT_ONCE)
    except psycopg.DataError:  # something only looks like JSON
        return _run_once(session, part, run, piece, session.careful_json)


def _run_once(session: LegacySession, part: _Part, run: Run, piece: Mapping[str, Any], json: str) -> int:
    with session.transaction():
        session.execute(json)
        rows = run(session, piece)
        session.execute(session.careful_json)
        step = Step(part.step.name, piece["high"], part.step.rows + rows)
        session.write(step, finished=piece["high"] == part.high)
    return rows
