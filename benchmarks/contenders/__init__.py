"""Ways to check a case's rules, one module each.

Each module has `prepare(case)`: it opens or loads the file and returns a function that checks all rules and returns
the number of failing rows of each. Peers are used as their documentation shows for a file of this kind.
"""

from collections.abc import Callable
from dataclasses import dataclass

Counts = dict[str, int]
Check = Callable[[], Counts]


@dataclass(frozen=True)
class Contender:
    """A module, what the results call it, and whether it runs in the environment of the peers."""

    module: str
    title: str
    is_peer: bool = True


OWN = Contender("own", "Profiling Pipeline, samples of failing rows included", is_peer=False)
CONTENDERS = {
    contender.module: contender
    for contender in (
        OWN,
        Contender("own_counts", "Profiling Pipeline, counts only", is_peer=False),
        Contender("duckdb_by_hand", "DuckDB query written by hand"),
        Contender("polars_by_hand", "Polars query written by hand"),
        Contender("cuallee_on_duckdb", "cuallee on DuckDB"),
        Contender("soda_on_duckdb", "Soda Core on DuckDB"),
        Contender("pointblank_on_polars", "Pointblank on Polars"),
        Contender("dataframely_on_polars", "dataframely"),
        Contender("great_expectations_on_pandas", "Great Expectations on pandas"),
        Contender("pandera_on_polars", "Pandera validate, Polars"),
        Contender("pandera_on_pandas", "Pandera validate, pandas"),
        Contender("pandera_on_ibis", "Pandera validate, Ibis on DuckDB", is_peer=False),
    )
}
