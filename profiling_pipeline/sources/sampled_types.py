"""Choosing the types of columns that are text by a source's first rows."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat
from profiling_pipeline.sources.readable import PLAIN_NUMBER
from profiling_pipeline.sources.text_types import PATTERNS, READABLE_SHARE, TextType, choose_type

SAMPLE_ROWS = 20_000  # the first rows of a source
DRAWN_ROWS = 20_000  # and rows from all over it
_FEWER_DECIMALS = 0.05  # share of the numbers that may be written with fewer decimals than the others
_BEARABLE_SHARE = 0.05  # of a draw's rows; five times what may be of all rows
_WIDEST = (
    ColumnKind.BOOLEAN,
    ColumnKind.NUMBER,
    ColumnKind.DATETIME,
)  # what reads as another kind reads as one of them


def guess_types(sample: pa.Table, formats: Mapping[str, DeclaredFormat]) -> dict[str, TextType]:
    """Return the types, by a source's first rows, of the text columns that are not to stay text; see `choose_types`."""
    types: dict[str, TextType] = {}
    for name in sample.column_names:
        figures = _SampleFigures(sample[name])
        if chosen := choose_type(figures, formats.get(name)):
            fewest = figures["fewest decimals"] if chosen.number_type.is_decimal() else None
            types[name] = replace(chosen, fewest_decimals=fewest)
    return types


def undecided_columns(
    sample: pa.Table, types: Mapping[str, TextType], formats: Mapping[str, DeclaredFormat], rows: int
) -> list[str]:
    """Return the columns that a sample leaves text, though all of so many rows may show them to be another kind."""
    bearable = (1 - READABLE_SHARE) * rows
    return [
        name
        for name in sample.column_names
        if name not in types and name not in formats and _may_be_typed(_SampleFigures(sample[name]), bearable)
    ]


def still_undecided(drawn: pa.Table) -> list[str]:
    """Return those of undecided columns that rows drawn from all leave undecided, too.

    The others have misfits of every kind in more than 5 % of them; it would be less than 1 % if all rows showed them to
    be of a kind.
    """
    bearable = _BEARABLE_SHARE * drawn.num_rows
    return [name for name in drawn.column_names if _may_be_typed(_SampleFigures(drawn[name]), bearable)]


def _may_be_typed(figures: Mapping[str, int], bearable: float) -> bool:
    """Return whether a kind has so few misfits in a sample that nearly all of all rows may still be of it."""
    fewest = min(figures["present"] - figures[kind] for kind in _WIDEST)
    return fewest <= bearable and figures["zeros"] <= bearable


class _SampleFigures(dict[str, int]):
    """The figures of a sample's column, each counted when it is asked for."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        super().__init__(present=len(column) - column.null_count)
        self._texts = column.drop_null()

    def __missing__(self, name: str) -> int:
        if name in PATTERNS:
            figure = pc.sum(pc.match_substring_regex(self._texts, PATTERNS[name])).as_py()
        elif name == "digits":
            figure = pc.max(self._places[0]).as_py()
        elif name == "decimals":
            figure = pc.max(self._places[1]).as_py()
        else:
            [figure] = pc.quantile(self._places[1], q=_FEWER_DECIMALS, interpolation="lower").to_pylist()
        self[name] = int(figure or 0)
        return self[name]

    @cached_property
    def _places(self) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        """Characters before and digits after the point of each plain number."""
        plain = self._texts.filter(pc.match_substring_regex(self._texts, PLAIN_NUMBER))
        point, length = pc.find_substring(plain, "."), pc.utf8_length(plain)
        has_point = pc.greater_equal(point, 0)
        decimals = pc.if_else(has_point, pc.subtract(pc.subtract(length, point), 1), 0)
        return pc.if_else(has_point, point, length), decimals
