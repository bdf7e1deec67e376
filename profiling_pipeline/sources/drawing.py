"""A seeded draw of a source's rows, where all of them would take too long."""

import ibis
import ibis.expr.types as ir

from profiling_pipeline.sources.model import ROW_NUMBER, OpenSource

SAMPLE_ROWS = 20_000
SEED = 20_240_601
_PRIME, _STEP = 2_147_483_647, 1_389_796_000  # row numbers are scattered by a linear congruence of 31 bits


def drawn_by_number(table: ir.Table, share: float) -> ir.Table:
    """Return about such a share of the rows of a table that numbers them."""
    return table.filter((table[ROW_NUMBER] * _STEP + SEED) % _PRIME < int(share * _PRIME))


def drawn_rows(source: OpenSource, share: float) -> ir.Table:
    """Return about such a share of a source's rows, drawn by a seed.

    Rows of files are drawn by their number, so that the same file gives the same rows; a database draws by its own
    random numbers, seeded where it can be.
    """
    table = source.table
    if source.has_row_numbers:
        return drawn_by_number(table, share)
    if source.engine == "postgres":
        source.connection.raw_sql(f"SELECT setseed({SEED % 1000 / 1000})")
    return table.filter(ibis.random() < share)
