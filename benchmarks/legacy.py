"""The legacy migration at scale: time, processor time, memory, storage, and the usual questions on old and new tables.

    python -m benchmarks.legacy [PHASES]     1,000 rules and 5,000 results a phase; 1,000 phases unless said otherwise

The rows are made once for each scale and kept as a template database under benchmarks/data. What is measured goes into
RESULTS.md, in place of earlier figures of the same scale.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from threading import Event, Thread
from typing import Any

import psutil
import psycopg

from benchmarks.cases import DATA
from benchmarks.legacy_data import RULES, VERSIONS, Scale, fill
from benchmarks.report import write_legacy_section
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.rollback import rollback
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.embedded import EmbeddedServer
from profiling_pipeline_tests.legacy_migration.legacy_tables import LegacyDatabase

SERVER = DATA / "legacy-postgres"
MEASURED = DATA / "legacy.json"
WORK = "work"
ASKED = 15  # times each question

_OWN = ("cycle_report_data_profiling_rule_versions", "cycle_report_data_profiling_rules",
        "cycle_report_data_profiling_rule_executions")  # fmt: skip
_LEDGER = ("legacy_migration_ledger", "legacy_migration_steps", "legacy_migration_tables", "legacy_rule_texts")
_OLD = "legacy_profiling.cycle_report_data_profiling_"
# The same question to the old tables and to the new ones.
_LATEST_OF_EACH = f"FROM {_OLD}rules r JOIN {_OLD}results s ON s.rule_id = r.rule_id"
_LATEST = (
    "FROM cycle_report_data_profiling_rules r LEFT JOIN LATERAL (SELECT * FROM "
    "cycle_report_data_profiling_rule_executions e WHERE e.rule_id = r.rule_id "
    "ORDER BY e.executed_at DESC LIMIT 1) e ON true"
)
_QUESTIONS = {
    "rules of a phase, each with its last result": (
        "SELECT DISTINCT ON (r.rule_id) r.rule_name, r.severity, r.status, s.executed_at, s.passed_count, "
        "s.failed_count "
        f"{_LATEST_OF_EACH} WHERE r.phase_id = %(phase)s ORDER BY r.rule_id, s.executed_at DESC",
        "SELECT r.rule_name, r.severity, r.status, e.executed_at, e.passed_records, e.failed_records "
        f"{_LATEST} WHERE r.phase_id = %(phase)s",
    ),
    "history of a rule": (
        f"SELECT * FROM {_OLD}results WHERE rule_id = %(rule)s ORDER BY executed_at DESC LIMIT 100",
        "SELECT * FROM cycle_report_data_profiling_rule_executions WHERE rule_id = %(rule)s "
        "ORDER BY executed_at DESC LIMIT 100",
    ),
    "scores of a version": (
        "SELECT rule_type, avg(passed_count * 100.0 / nullif(passed_count + failed_count, 0)) FROM (SELECT DISTINCT ON "
        f"(r.rule_id) r.rule_type, s.passed_count, s.failed_count {_LATEST_OF_EACH} "
        "WHERE r.version_id = %(version)s ORDER BY r.rule_id, s.executed_at DESC) latest GROUP BY rule_type",
        f"SELECT r.rule_type, avg(e.pass_rate) {_LATEST} WHERE r.version_id = %(version)s GROUP BY r.rule_type",
    ),
}


@dataclass
class Watch:
    """What a piece of work took: seconds, processor seconds of this process and of the server, peak memory in bytes."""

    seconds: float = 0.0
    own_cpu: float = 0.0
    own_peak: int = 0
    server_cpu: float = 0.0
    backends: dict[int, tuple[float, int]] = field(default_factory=dict)

    @property
    def backend_peak(self) -> int:
        """The most memory that one backend held by itself."""
        return max((peak for _, peak in self.backends.values()), default=0)


@contextmanager
def watched() -> Iterator[Watch]:
    """Measure the block; backends are looked at every half second."""
    watch, stop, own = Watch(), Event(), psutil.Process()
    before = sum(own.cpu_times()[:2])

    def look() -> None:
        while not stop.wait(0.5):
            watch.own_peak = max(watch.own_peak, own.memory_info().rss)
            for process in psutil.process_iter(["name", "cmdline"]):
                if process.info["name"] == "postgres" and any(f" {WORK} " in a for a in process.info["cmdline"] or ()):
                    _note(watch, process)

    looker = Thread(target=look)
    looker.start()
    started = time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - started
        stop.set()
        looker.join()
        watch.own_cpu = sum(own.cpu_times()[:2]) - before
        watch.server_cpu = sum(cpu for cpu, _ in watch.backends.values())


def _note(watch: Watch, process: psutil.Process) -> None:
    try:
        with process.oneshot():
            cpu, memory = sum(process.cpu_times()[:2]), process.memory_info()
    except psutil.NoSuchProcess:
        return
    _, peak = watch.backends.get(process.pid, (0.0, 0))
    watch.backends[process.pid] = (cpu, max(peak, memory.rss - memory.shared))


def main() -> None:
    scale = Scale(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
    server = EmbeddedServer(SERVER)
    server.hold()
    template = f"legacy_{scale.phases}"
    _make_template(server, template, scale)
    _run(server, f"DROP DATABASE IF EXISTS {WORK} WITH (FORCE)")
    _run(server, f"CREATE DATABASE {WORK} TEMPLATE {template} STRATEGY FILE_COPY", "CHECKPOINT")
    figures = _measured(Database(server.url(WORK)), scale)
    known = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    known[str(scale.phases)] = figures
    MEASURED.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    write_legacy_section(_lines(figures))
    print("\n".join(_lines(figures)))


def _make_template(server: EmbeddedServer, name: str, scale: Scale) -> None:
    if server_has(server, name):
        return
    print(f"Making {scale.rules:,} rules and {scale.results:,} results ...", file=sys.stderr)
    _run(server, f"DROP DATABASE IF EXISTS {name}_unfinished WITH (FORCE)", f"CREATE DATABASE {name}_unfinished")
    database = Database(server.url(f"{name}_unfinished"))
    legacy = LegacyDatabase.build(database, "uuid")
    fill(legacy, scale)
    legacy.close()
    _run(server, f"ALTER DATABASE {name}_unfinished RENAME TO {name}")


def server_has(server: EmbeddedServer, name: str) -> bool:
    with _connect(server.url("postgres")) as connection:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _measured(database: Database, scale: Scale) -> dict[str, Any]:
    steps: list[tuple[float, str, int]] = []
    started = time.perf_counter()

    def tell(step: str, done: int, total: int) -> None:
        steps.append((time.perf_counter() - started, step, done))
        print(f"{steps[-1][0]:8.1f} s  {step}: {done:,} of {total:,}", file=sys.stderr)

    with watched() as migrating:
        report = migrate(database, progress=tell)
    if not report.is_accounted:
        raise SystemExit("The ledger is not exact.")
    with watched() as verifying:
        verification = verify(database, progress=tell)
    if not verification.passed:
        raise SystemExit(f"The verification fails: {[check.name for check in verification.failures]}")
    storage, questions = _storage(database), _ask(database, scale)
    with watched() as going_back:
        rollback(database)
    return {
        "rules": scale.rules, "results": scale.results,
        "migrate": _figures(migrating), "verify": _figures(verifying), "rollback": _figures(going_back),
        "storage": storage, "questions": questions,
    }  # fmt: skip


def _figures(watch: Watch) -> dict[str, float]:
    return {
        "seconds": watch.seconds, "cpu": watch.own_cpu + watch.server_cpu, "own_peak": watch.own_peak,
        "backend_peak": watch.backend_peak,
    }  # fmt: skip


def _storage(database: Database) -> dict[str, int]:
    with _connect(database.url.render_as_string(hide_password=False)) as connection:
        connection.execute("VACUUM (ANALYZE)")

        def size(where: str) -> int:
            query = (
                f"SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' AND {where}"
            )
            return int(connection.execute(query).fetchone()[0])  # type: ignore[index]

        def each(table: str, of: str) -> int:
            query = f"SELECT round({of}(oid) / greatest(reltuples, 1)) FROM pg_class WHERE oid = '{table}'::regclass"
            return int(connection.execute(query).fetchone()[0])  # type: ignore[index]

        def named(names: tuple[str, ...]) -> str:
            return f"relnamespace = 'public'::regnamespace AND relname = ANY ('{{{','.join(names)}}}')"

        return {
            "old": size("relnamespace = 'legacy_profiling'::regnamespace"), "new": size(named(_OWN)),
            "ledger": size(named(_LEDGER)),
            "old_result": each(f"{_OLD}results", "pg_relation_size"), "new_result": each(_OWN[2], "pg_relation_size"),
            "new_indexes": each(_OWN[2], "pg_indexes_size"), "ledger_row": each(_LEDGER[0], "pg_total_relation_size"),
        }  # fmt: skip


def _ask(database: Database, scale: Scale) -> dict[str, tuple[float, float]]:
    """Return the middle time of each question, asked of another phase, rule and version each time, in seconds."""
    with _connect(database.url.render_as_string(hide_password=False)) as connection:
        rules = connection.execute(
            "SELECT phase_id, rule_id, version_id FROM cycle_report_data_profiling_rules "
            "WHERE rule_parameters #> '{origin,legacy_table}' IS NOT NULL ORDER BY md5(rule_id::text) LIMIT %s",
            [ASKED],
        ).fetchall()
        return {
            name: (_middle(connection, old, rules), _middle(connection, new, rules))
            for name, (old, new) in _QUESTIONS.items()
        }


def _middle(connection: psycopg.Connection[Any], question: str, rules: list[Any]) -> float:
    taken = []
    for phase, rule, version in rules:
        started = time.perf_counter()
        connection.execute(question, {"phase": phase, "rule": rule, "version": version}).fetchall()
        taken.append(time.perf_counter() - started)
    return median(taken)


def _lines(found: dict[str, Any]) -> list[str]:
    storage = found["storage"]
    lines = [
        f"{found['rules']:,} rules in {found['rules'] // RULES:,} versions, {found['results']:,} results, and rows of "
        f"the 20 other tables, made by `benchmarks/legacy_data.py`. Measured by `.venv/bin/python -m benchmarks.legacy "
        f"{found['rules'] // (RULES * VERSIONS)}`; backup not included. Processor time is that of the program and of "
        "its server together, memory the most that one of their processes held by itself.",
        "", "|  | time | processor time | program's memory | backend's memory |", "| --- | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for name in ("migrate", "verify", "rollback"):
        f = found[name]
        lines.append(
            f"| {name} | {f['seconds']:,.1f} s | {f['cpu']:,.1f} s | {f['own_peak'] / 2**20:,.0f} MB | "
            f"{f['backend_peak'] / 2**20:,.0f} MB |"
        )
    mb = {name: size / 2**20 for name, size in storage.items()}
    lines += [
        "", "| storage, with indexes | size | ratio |", "| --- | ---: | ---: |",
        f"| legacy tables | {mb['old']:,.0f} MB | 1.00 |",
        f"| versions, rules, executions | {mb['new']:,.0f} MB | {mb['new'] / mb['old']:.2f} |",
        f"| ledger | {mb['ledger']:,.0f} MB | {mb['ledger'] / mb['old']:.2f} |",
        "", "The new tables are not smaller. A legacy result is one short row of "
        f"{storage['old_result']:,} bytes, under one index; its execution has {storage['new_result']:,}, "
        f"{storage['new_indexes']:,} more for its keys and its place in the history, and the ledger "
        f"{storage['ledger_row']:,}. Of rules, texts that became checks are kept once for all rules that have them. "
        "Dropping the archive (`profiling legacy purge`) frees the legacy tables' space.",
        "", "| question | legacy tables | new tables | ratio |", "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip
    for name, (old, new) in found["questions"].items():
        lines.append(f"| {name} | {old * 1000:,.1f} ms | {new * 1000:,.2f} ms | {old / new:,.0f} x |")
    return lines


def _run(server: EmbeddedServer, *statements: str) -> None:
    with _connect(server.url("postgres")) as connection:
        for statement in statements:
            connection.execute(statement)


def _connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


if __name__ == "__main__":
    main()
