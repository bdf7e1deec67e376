"""cuallee on a DuckDB connection: its own checks where it has them, `satisfies` with SQL otherwise."""

from cuallee import Check as CualleeCheck
from cuallee import CheckLevel

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from benchmarks.contenders.duckdb_by_hand import connect


def prepare(case: Case) -> Check:
    connection = connect(case)

    def check() -> Counts:
        suite = CualleeCheck(CheckLevel.WARNING, "benchmark", table_name="data")
        for rule in case.rules:
            if rule.check == "not_null":
                suite.is_complete(rule.column)
            else:
                # It counts a null as a violation; the others test the values that are there.
                suite.satisfies(rule.column, f"coalesce({rule.sql}, true)")
        violations = suite.validate(connection)["violations"]
        return {rule.name: int(failed) for rule, failed in zip(case.rules, violations, strict=True)}

    return check
