"""Whatever is thrown at the language is refused with a reason, or means only what the language can say."""

import random
from collections.abc import Callable, Iterator

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pytest
from ibis.common.graph import Graph

from profiling_pipeline.errors import PredicateError
from profiling_pipeline.rules.predicate import compile_predicate, compiler
from profiling_pipeline.rules.predicate.syntax import Node
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, answers
from profiling_pipeline_tests.rules.predicate.hostile import HOSTILE
from profiling_pipeline_tests.rules.predicate.test_meaning import ROWS

TYPES = {
    "AMOUNT": "int64", "PRICE": "float64", "name": "string", "day": "date", "ok": "boolean", "payload": "array<int64>",
}  # fmt: skip
NAMES = (*TYPES, "Total", "TOTAL")

# All that a compiled predicate may be made of. The engine's own functions are those of rules/portable.
ALLOWED_OPERATIONS = (
    ops.Literal, ops.Field, ops.Cast, ops.TryCast, ops.IfElse, ops.SearchedCase, ops.Coalesce, ops.NullIf, ops.IsNull,
    ops.NotNull, ops.InValues, ops.Comparison, ops.LogicalBinary, ops.Not, ops.Negate, ops.NumericBinary, ops.Abs,
    ops.Round, ops.Ceil, ops.Floor, ops.Sign, ops.Sqrt, ops.Ln, ops.Power, ops.Greatest, ops.Least, ops.FuzzySearch,
    ops.RegexSearch, ops.RegexReplace, ops.StringLength, ops.Uppercase, ops.Lowercase, ops.Strip, ops.StrRight,
    ops.StringReplace, ops.StringConcat, ops.ExtractTemporalField, ops.DateDelta, ops.TimestampAdd, ops.TimestampSub,
    ops.IsInf, ops.IsNan,
)  # fmt: skip
ALLOWED_FUNCTIONS = {"substr", "convert_to", "floor", "ceil", "trunc"}
# What a mutation puts in: words of the language, of SQL at large, and characters that look like others.
PIECES = [
    "AMOUNT", "PRICE", "name", "day", "ok", '"name"', "AND", "OR", "NOT", "IMPLIES", "IS", "NULL", "IN", "BETWEEN",
    "LIKE", "ILIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "TRY_CAST", "AS", "INTEGER", "DECIMAL(9, 2)",
    "EXTRACT(YEAR FROM", "INTERVAL 3 DAY", "DATE '2024-01-01'", "'x'", "'%_'", "1", "-1", "0.5", "1e9",
    "99999999999999999999", "+", "-", "*", "/", "%", "=", "<>", "<=", "<", ">", "(", ")", ",", ";", "--", "/*",
    "*/", "'", '"', "''", "::", "||", "$$", "?", "{", "[", "\\", "SELECT", "FROM", "UNION", "COPY", "PRAGMA",
    "OVER", "SUM(", "read_csv(", "pg_sleep(", "ABS(", "POWER(", "LEFT(name,", "COALESCE(", "REGEXP_LIKE(name,",
    "REPLACE(name,", "DATE_DIFF('day',", "CURRENT_DATE", "\0", "\ud800", "\ufeff", "\u200b", "\u202e", "\u2019",
    "\uff1e", "\u0410MOUNT", "\uff21\uff2e\uff24", "\N{PILE OF POO}", "e\u0301", "\x1b[2J", "\n", "\t", " ",
]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> ir.Table:
    return ibis.duckdb.connect().create_table("data", schema=ibis.schema(TYPES))


def assert_explained(refusal: PredicateError, text: str) -> None:
    said = str(refusal)
    assert len(said) > 20, text
    assert said.isprintable(), text
    if refusal.position is not None:
        assert 0 <= refusal.position <= len(text), text
        assert f"(at character {refusal.position + 1} of the predicate)" in said, text


def test_there_are_more_than_two_hundred_hostile_predicates_each_different() -> None:
    texts = [text for each in HOSTILE.values() for text, _ in each]
    assert len(set(texts)) == len(texts) > 200


@pytest.mark.parametrize("category", HOSTILE)
def test_hostile_predicates_are_refused_with_their_reason_and_place(table: ir.Table, category: str) -> None:
    for text, words in HOSTILE[category]:
        with pytest.raises(PredicateError) as refusal:
            compile_predicate(text, table, NAMES)
        assert words in str(refusal.value), text[:200]
        assert refusal.value.position is not None, text[:200]
        assert_explained(refusal.value, text)


def test_ten_thousand_random_predicates_are_refused_with_a_reason_or_harmless(table: ir.Table) -> None:
    accepted = 0
    for text in random_predicates(10_000):
        try:
            compiled = compile_predicate(text, table, NAMES)
        except PredicateError as refusal:
            assert_explained(refusal, text)
        else:
            accepted += 1
            assert_harmless(compiled, table, text)

    assert 500 < accepted < 5_000  # the texts come close to the language from both sides


LARGE = {
    "AND": " AND ".join(["j>1"] * 500),
    "OR": " OR ".join(f"j = {number}" for number in range(280)),
    "sums": "+".join(["j"] * 22) + " > 0",
    "binary sums": "+".join(["f"] * 64) + " > 0",
    "binary quotients": "/".join(["f"] * 64) + " > 0",
    "IN": "j IN (" + ", ".join(map(str, range(650))) + ")",
    "texts": "s IN (" + ", ".join(f"'{number}'" for number in range(450)) + ")",
    "CASE": "CASE " + "WHEN j = 1 THEN b " * 200 + "END",
    "nested CASE": "CASE WHEN b THEN " * 40 + "b" + " END" * 40,
    "NOT": "NOT " * 48 + "b",
    "IMPLIES": " IMPLIES ".join(["b"] * 48),
    "parentheses": "(" * 49 + "b" + ")" * 49,
    "COALESCE": "COALESCE(" + ", ".join(["j"] * 1_300) + ") = 1",
    "GREATEST": "GREATEST(" + ", ".join(["j, n"] * 650) + ") = 1",
    "LIKE": "s LIKE '" + "%_" * 1_900 + "'",
    "texts of texts": "UPPER(" * 48 + "s" + ")" * 48 + " = 'X'",
    "casts": "CAST(CAST(" * 2 + "s" + " AS DECIMAL) AS TEXT)" * 2 + " = 'x'",
    "powers": "POWER(" * 3 + "f" + ", 2)" * 3 + " > 0",
    "squares": "SQRT(" * 8 + "f" + ")" * 8 + " > 0",
    "remainders": "%".join(["f"] * 8) + " > 0",
    "replacements": "REPLACE(" * 30 + "s" + ", 'a', 'b')" * 30 + " = 'x'",
    "intervals": "d" + " + INTERVAL 1 DAY" * 15 + " > d",
    "backtracking": "REGEXP_LIKE(s, '(a+)+b') OR REGEXP_LIKE(s, '(a|aa|a*)*c')",
}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_the_largest_that_is_allowed_runs_even_when_called_from_deep_within(engines: Engines, engine: str) -> None:
    engines.fill([{**row, "f": 1.5} for row in ROWS])  # PostgreSQL stops where binary numbers overflow

    def deep(levels: int) -> list[list[bool | None]]:
        if levels:
            return deep(levels - 1)
        table = engines.tables[engine]
        return answers(engines, engine, [compile_predicate(text, table, COLUMNS) for text in LARGE.values()])

    assert [len(each) for each in deep(150)] == [len(ROWS)] * len(LARGE)  # as deep as Dagster calls


@pytest.mark.parametrize("name", LARGE)
def test_each_part_is_compiled_once(engines: Engines, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    compiled: list[Node] = []
    compile_one = compiler._Compiler.value

    def counted(self: compiler._Compiler, node: Node) -> ir.Value:
        compiled.append(node)
        return compile_one(self, node)

    monkeypatch.setattr(compiler._Compiler, "value", counted)
    compile_predicate(LARGE[name], engines.tables["duckdb"], COLUMNS)

    assert len(compiled) == len({id(node) for node in compiled})


def assert_harmless(compiled: ir.BooleanValue, table: ir.Table, text: str) -> None:
    """Nothing but allowed operations on columns of the one table."""
    assert compiled.type().is_boolean()
    for node in Graph.from_bfs(compiled.op()):
        if isinstance(node, ops.ScalarUDF):
            assert node.__func_name__ in ALLOWED_FUNCTIONS, text
        elif isinstance(node, ops.Relation):
            assert node == table.op(), text
        else:
            assert isinstance(node, ALLOWED_OPERATIONS), f"{type(node).__name__}: {text}"


def random_predicates(count: int) -> Iterator[str]:
    """Yield predicates with pieces put in, taken out or exchanged, and now and then any characters at all."""
    chance = random.Random(20_260_101)
    good = [
        "AMOUNT > 0 AND PRICE <= 10.5", "name LIKE 'a%' OR ok", "day BETWEEN '2024-01-01' AND CURRENT_DATE",
        "CASE WHEN ok THEN AMOUNT ELSE 0 END >= PRICE", "AMOUNT IN (1, 2, 3) IMPLIES name IS NOT NULL",
        "COALESCE(PRICE, 0) + AMOUNT * 2 > 100", "DATE_DIFF('day', day, CURRENT_DATE) < 30",
        "EXTRACT(YEAR FROM day) = 2024 OR NOT ok", "REGEXP_LIKE(name, '^[A-Z]{2}$')", "TRY_CAST(name AS INTEGER) > 5",
        "day + INTERVAL 3 DAY > DATE '2024-01-01'", "LENGTH(TRIM(UPPER(name))) = 2", "ROUND(PRICE / AMOUNT, 2) = 0.5",
    ]  # fmt: skip
    bad = [text for texts in HOSTILE.values() for text, _ in texts if len(text) < 100]
    mutations: list[Callable[[list[str]], None]] = [
        lambda words: words.insert(chance.randrange(len(words) + 1), chance.choice(PIECES)),
        lambda words: words.__setitem__(chance.randrange(len(words)), chance.choice(PIECES)),
        lambda words: words.extend(["AND", *chance.choice(good).split(" ")]),
        lambda words: words.__delitem__(chance.randrange(len(words))) if len(words) > 1 else None,
        lambda words: chance.shuffle(words) if len(words) < 4 else words.reverse(),
        lambda words: words.extend(words) if len(words) < 200 else None,
        lambda words: words.__setitem__(slice(None), ["(", *words, ")"] * chance.randint(1, 3)),
    ]
    for number in range(count):
        if number % 10 == 0:
            yield "".join(chr(chance.choice([chance.randrange(128), chance.randrange(0x11_0000)])) for _ in range(40))
            continue
        words = chance.choice(bad if number % 3 == 0 else good).split(" ")
        for _ in range(chance.randint(0, 3)):
            chance.choices(mutations, weights=[6, 6, 4, 4, 1, 1, 2])[0](words)
        yield " ".join(words)
