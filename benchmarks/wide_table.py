"""A table of 118 columns such as a report's loan file has, and 500 rules for it; rows fail one rule in twelve."""

from collections.abc import Iterator
from itertools import chain, count, cycle, islice

from benchmarks import rules
from benchmarks.rules import BenchmarkRule

CODES = ["A1", "B2", "C3", "D4", "E5", "F6"]
_RULES = 500
_COLUMNS = {"id": 8, "count": 20, "amount": 30, "rate": 10, "code": 20, "reference": 10, "day": 10, "note": 10}


def columns() -> Iterator[tuple[str, int, str]]:
    """Yield the family of each column, its number and its name."""
    for family, amount in _COLUMNS.items():
        for number in range(amount):
            yield family, number, f"{family}_{number}"


def select_sql(rows: int) -> str:
    """Return the DuckDB query that makes the rows; each value depends on its row and column alone."""
    written = ", ".join(f"{_value(family, place)} AS {name}" for place, (family, _, name) in enumerate(columns(), 1))
    return f"SELECT {written} FROM range({rows}) AS source(r)"


def _value(family: str, place: int) -> str:
    chance = f"(hash(r * 1000 + {place}) % 10000)::INTEGER"
    return {
        "id": f"(r * {place} + {place})::BIGINT",
        "count": f"{chance} % 100",
        "amount": f"{chance} * 1.25 - 25",
        "rate": f"{chance} / 10000.0::DOUBLE",
        "code": f"['A1', 'B2', 'C3', 'D4', 'E5', 'F6'][1 + {chance} % 6]",
        "reference": f"'R' || lpad((hash(r * 1000 + {place}) % 100000000)::VARCHAR, 8, '0')",
        "day": f"DATE '2015-01-01' + {chance} % 3650",
        "note": f"CASE WHEN {chance} % 50 = 0 THEN NULL ELSE 'note ' || ({chance} % 700)::VARCHAR END",
    }[family]


def wide_rules(number: int = _RULES) -> tuple[BenchmarkRule, ...]:
    """Return `number` rules: up to 500 in equal measure of all kinds, beyond them further bounds of numbers."""
    made = [list(_rules_of(family, name)) for family, _, name in columns()]
    longest = max(map(len, made))
    turns = (own[turn] for turn in range(longest) for own in made if turn < len(own))
    numbers = cycle([name for family, _, name in columns() if family in {"count", "amount"}])
    further = (rules.bounded(next(numbers), "<", 20_000 + extra) for extra in count())
    known = list(islice(chain(turns, further), max(number, _RULES)))
    return tuple(known[(2 * place + 1) * len(known) // (2 * number)] for place in range(number))


def _rules_of(family: str, name: str) -> Iterator[BenchmarkRule]:
    yield rules.present(name)
    if family in {"id", "count", "amount", "rate"}:
        high = {"id": 10**12, "count": 99, "amount": 12_500, "rate": 1}[family]
        yield rules.between(name, -25, high)
        yield rules.bounded(name, "<", high + 1)
        yield rules.bounded(name, ">=", 0 if family == "amount" else -25)  # some amounts fail
        yield rules.bounded(name, "<=", high - 5 if family == "count" else high)  # some counts fail
    elif family == "code":
        yield rules.one_of(name, CODES)
        yield rules.matching(name, "[A-F][1-6]$")
        yield rules.long(name, 2, 2)
        yield rules.other_than(name, "F6")  # some fail
    elif family == "reference":
        yield rules.matching(name, "R[0-9]{8}$")
        yield rules.long(name, 9, 9)
        yield rules.containing(name, "[0-9]")
        yield rules.other_than(name, "R0")
    elif family == "day":
        yield rules.between(name, "2015-01-01", "2024-12-31")
        yield rules.between(name, "2015-02-01", "2024-12-31")  # some fail
    else:
        yield rules.long(name, 6, 8)
        yield rules.containing(name, "[a-z]+ [0-9]")
