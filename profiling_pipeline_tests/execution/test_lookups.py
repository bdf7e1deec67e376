"""Rules that look values up in another source: the same counts wherever the two live."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from profiling_pipeline.errors import SourceError
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources import copying
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.others import Opener
from profiling_pipeline_tests.execution.data import a_rule
from profiling_pipeline_tests.sources.opened import Files, Tables

LOANS = {"id": "bigint", "branch": "text", "rate": "numeric(9, 4)", "opened": "date", "code": "integer"}
LOAN_ROWS = (
    (1, "N1", "1.2500", "2024-01-01", 7),
    (2, "S2", "2.5", "2024-02-29", 8),
    (3, "XX", "3", "2024-03-01", None),
    (4, None, "4", None, 9),
    (5, "É", None, "2024-01-01", 7),
    (None, "N1", "6", "2024-01-01", 7),
)
LEDGER = {"LOAN": "bigint", "AT": "text", "RATE": "double precision", "DAY": "date", "CODE": "text"}
LEDGER_ROWS = (
    (1, "N1", "1.25", "2024-01-01", "7"),
    (2, "S2", "9", "2024-02-29", "A"),
    (2, "É", "2.5", "2024-01-01", "08"),
    (4, "N1", None, None, None),
    (5, None, "5", "2024-01-02", "9"),
)
# Of each rule: tested, and the ids of the loans that fail.
CASES: list[tuple[Rule, int, set[int | None]]] = [
    (a_rule("branch", "references", source="ledger", column="AT"), 5, {3}),
    (a_rule("branch", "references", source="Ledger", column="at", where="id > 1"), 3, {3}),
    (a_rule("rate", "references", source="ledger", column="RATE"), 5, {3, 4, None}),
    (a_rule("opened", "references", source="ledger", column="DAY"), 5, {3}),
    (a_rule("code", "references", source="ledger", column="CODE"), 5, {2}),
    (a_rule("rate", "matches_reference", source="ledger", key="id", reference_key="LOAN", column="RATE"), 4, {3, 4}),
    (
        a_rule("rate", "matches_reference", source="ledger", key=["id", "branch"], reference_key=["LOAN", "AT"],
               column="RATE"),
        3, {2, 3},
    ),
]  # fmt: skip


class Places:
    """Where the two sources live."""

    def __init__(self, files: Files, tables: Tables) -> None:
        self.files, self.tables = files, tables

    def store(self, kind: str, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        if kind == "file":
            lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
            self.files.write(f"{name}.csv", "\n".join([",".join(columns), *lines]) + "\n")
            return
        declared = ", ".join(f'"{column}" {type_name}' for column, type_name in columns.items())
        self.tables.run(f"CREATE TABLE {name} ({declared})")
        with self.tables.connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)

    def open(self, kind: str, name: str, beside: OpenSource | None = None) -> OpenSource:
        if kind == "file":
            return self.files.open(f"{name}.csv")
        return self.tables.open(name, beside=beside)


@pytest.fixture
def places(tmp_path: Path, server_url: str) -> Iterator[Places]:
    tables = Tables.create(make_url(server_url))
    yield Places(Files(tmp_path, tmp_path / "spill"), tables)
    tables.drop()


def run(places: Places, tested: str, other: str, rules: Sequence[Rule], *, shared: bool = True) -> list[RuleOutcome]:
    places.store(tested, "loans", LOANS, LOAN_ROWS)
    places.store(other, "ledger", LEDGER, LEDGER_ROWS)

    def opener(beside: OpenSource) -> OpenSource:
        return places.open(other, "ledger", beside if shared else None)

    with places.open(tested, "loans") as source:
        return list(execute_rules(rules, source, others={"ledger": opener}).outcomes)


@pytest.mark.parametrize(
    ("tested", "other", "shared"),
    [("file", "file", True), ("table", "table", True), ("table", "table", False), ("file", "table", True),
     ("table", "file", True)],
)  # fmt: skip
def test_counts(places: Places, tested: str, other: str, shared: bool) -> None:
    outcomes = run(places, tested, other, [rule for rule, _, _ in CASES], shared=shared)

    for (rule, tested_rows, failing), outcome in zip(CASES, outcomes, strict=True):
        assert outcome.error is None, rule.name
        assert (outcome.tested, outcome.failed) == (tested_rows, len(failing)), rule.name
        assert outcome.skipped == len(LOAN_ROWS) - tested_rows
        if "id" in outcome.failed_rows[0]:
            assert {row["id"] for row in outcome.failed_rows} == failing, rule.name


def test_all_rows_of_a_table_are_read_in_one_snapshot_after_copying(places: Places) -> None:
    """What is copied needs a transaction that writes; the tested table is read-only again afterwards."""
    places.store("table", "loans", LOANS, LOAN_ROWS)
    places.store("file", "ledger", LEDGER, LEDGER_ROWS)
    with places.open("table", "loans") as source:
        outcome = execute_rules([CASES[0][0]], source, others={"ledger": lambda _: places.open("file", "ledger")})
        assert outcome.outcomes[0].tested == 5
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            source.connection.con.execute("CREATE TABLE stays_not (i integer)")


def test_each_source_is_opened_once_and_closed(places: Places) -> None:
    places.store("file", "loans", LOANS, LOAN_ROWS)
    places.store("file", "ledger", LEDGER, LEDGER_ROWS)
    opened: list[OpenSource] = []

    def opener(tested: OpenSource) -> OpenSource:
        opened.append(places.open("file", "ledger"))
        return opened[-1]

    with places.open("file", "loans") as source:
        execute_rules([rule for rule, _, _ in CASES], source, others={"ledger": opener, "unused": opener})
        assert len(opened) == 1
        assert len(places.files.left_behind()) == 1
    assert places.files.left_behind() == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (a_rule("branch", "references", source="legder", column="AT"), "source 'legder'. Did you mean ledger?"),
        (a_rule("branch", "references", source="ledger", column="ATT"), "has no column 'ATT'. Did you mean AT"),
        (a_rule("opened", "references", source="ledger", column="AT"), "(date) does not compare with 'AT' (text)"),
        (a_rule("rate", "matches_reference", source="ledger", key="idd", column="RATE"), "no column 'idd'"),
        (a_rule("rate", "matches_reference", source="ledger", key="id", column="RATE"), "no column 'id'"),
        (a_rule("rate", "matches_reference", source="ledger", key="id", reference_key=["a", "b"], column="RATE"),
         "name as many of both"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_up_is_an_error(places: Places, rule: Rule, said: str) -> None:
    outcome, good = run(places, "file", "file", [rule, CASES[0][0]])

    assert (outcome.status, good.tested) == (ExecutionStatus.ERROR, 5)
    assert outcome.error is not None
    assert said in outcome.error


def test_without_any_other_source_the_way_to_name_one_is_told(places: Places) -> None:
    places.store("file", "loans", LOANS, LOAN_ROWS)
    with places.open("file", "loans") as source:
        outcome = execute_rules([CASES[0][0]], source).outcomes[0]

    assert outcome.status is ExecutionStatus.ERROR
    assert "--reference NAME=DATA" in str(outcome.error)


def test_a_source_that_cannot_be_read_is_tried_once(places: Places) -> None:
    places.store("file", "loans", LOANS, LOAN_ROWS)
    tries = []

    def opener(tested: OpenSource) -> OpenSource:
        tries.append(tested)
        raise SourceError("ledger.csv is empty. It needs a header and rows.")

    with places.open("file", "loans") as source:
        outcomes = execute_rules([CASES[0][0], CASES[1][0], CASES[0][0]], source, others={"ledger": opener}).outcomes

    assert all("ledger.csv is empty" in str(outcome.error) for outcome in outcomes)
    assert len(tries) == 1


def test_a_table_beside_that_cannot_be_read_leaves_the_others_unharmed(places: Places) -> None:
    places.store("table", "loans", LOANS, LOAN_ROWS)
    rules = [CASES[0][0], a_rule("id", "not_null")]
    with places.open("table", "loans") as source:
        missing, good = execute_rules(
            rules, source, others={"ledger": lambda tested: places.open("table", "nowhere", tested)}
        ).outcomes

    assert "There is no table" in str(missing.error)
    assert (good.tested, good.failed) == (6, 1)


def test_too_many_values_are_not_copied(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "MOST_ROWS", 2)

    outcome = run(places, "file", "table", [CASES[0][0]])[0]

    assert outcome.status is ExecutionStatus.ERROR
    assert "3 different values to look up, and at most 2 are copied to loans.csv" in str(outcome.error)


def test_a_user_who_may_not_make_temporary_tables_is_told(places: Places, server_url: str) -> None:
    places.store("table", "loans", LOANS, LOAN_ROWS)
    places.store("file", "ledger", LEDGER, LEDGER_ROWS)
    reader, database = f"reader_{uuid4().hex}", sql.Identifier(str(make_url(server_url).database))
    run_sql = places.tables.connection.execute
    names = {"reader": sql.Identifier(reader), "schema": sql.Identifier(places.tables.schema), "database": database}
    with ExitStack() as stack:
        run_sql(sql.SQL("CREATE ROLE {reader} LOGIN PASSWORD 'reads'").format(**names))
        stack.callback(run_sql, sql.SQL("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC").format(**names))
        stack.callback(run_sql, sql.SQL("DROP OWNED BY {reader}; DROP ROLE {reader}").format(**names))
        run_sql(sql.SQL("REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC").format(**names))
        run_sql(sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {reader}").format(**names))
        run_sql(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}").format(**names))
        with places.tables.open("loans", username=reader, password="reads") as source:
            others: dict[str, Opener] = {"ledger": lambda _: places.open("file", "ledger")}
            refused, good = execute_rules([CASES[0][0], a_rule("id", "not_null")], source, others=others).outcomes

    assert "GRANT TEMPORARY ON DATABASE" in str(refused.error)
    assert (good.tested, good.failed) == (6, 1)


def test_every_type_survives_the_way(places: Places) -> None:
    columns = {"id": "bigint", "n": "numeric", "d": "date", "t": "timestamp", "b": "boolean", "s": "text"}
    rows = [
        (2**62, Decimal("12345678901234.5678"), date(1, 1, 1), "9999-12-31 23:59:59.999999", True, 'a"\t\n,\\N'),
        (1, Decimal("-0.0001"), date(2024, 2, 29), "2024-02-29 12:00:00", False, ""),
        (0, None, None, None, None, None),
    ]
    places.store("table", "loans", columns, rows)
    places.store("table", "ledger", columns, rows)
    rules = [a_rule(column, "references", source="ledger", column=column) for column in columns]

    with places.open("table", "loans") as source:
        outcomes = execute_rules(rules, source, others={"ledger": lambda _: places.open("table", "ledger")}).outcomes

    assert [(outcome.tested, outcome.failed, outcome.error) for outcome in outcomes] == [
        (3, 0, None),
        *[(2, 0, None)] * 5,
    ]


def test_a_value_that_does_not_read_fails(places: Places) -> None:
    numbers = [*range(1, 200), "n/a"]
    places.files.write("loans.csv", "\n".join(["id,n", *(f"{place},{n}" for place, n in enumerate(numbers))]))
    places.files.write("ledger.csv", "\n".join(["n", *map(str, range(1, 300))]))

    with places.open("file", "loans") as source:
        rule = a_rule("n", "references", source="ledger", column="n")
        outcome = execute_rules([rule], source, others={"ledger": lambda _: places.open("file", "ledger")}).outcomes[0]

    assert (outcome.tested, outcome.failed) == (200, 1)
    assert outcome.failed_rows[0]["n"] == "n/a"
