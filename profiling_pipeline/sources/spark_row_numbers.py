"""Rows of files that Spark reads, numbered from 1: its tasks read parts of files, each in its own order."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from profiling_pipeline.sources.answers import answers

if TYPE_CHECKING:
    from pyspark.sql import Column

# The file, the part of it that one task reads, and the place within that part.
PLACES = _FILE, _PART, _PLACE = "file of row", "part of file", "place in part"


def places_in_texts() -> "list[Column]":
    """Return the columns by which rows of text files are numbered."""
    from pyspark.sql import functions as sf

    return [
        sf.col("_metadata.file_path").alias(_FILE),
        sf.col("_metadata.file_block_start").alias(_PART),
        sf.monotonically_increasing_id().alias(_PLACE),
    ]


def places_in_parquet() -> "list[Column]":
    """Return the columns by which rows of Parquet files are numbered."""
    from pyspark.sql import functions as sf

    return [
        sf.col("_metadata.file_path").alias(_FILE),
        sf.lit(0).alias(_PART),
        sf.col("_metadata.row_index").alias(_PLACE),
    ]


def parts_of_files(connection: ibis.BaseBackend, table: ir.Table) -> Sequence[Mapping[str, Any]]:
    """Return the parts of files, in order, with their number of rows and the first place."""
    grouped = table.group_by([_FILE, _PART]).aggregate(rows=table.count(), first=table[_PLACE].min())
    return answers(connection, grouped.order_by([_FILE, _PART]))


def rows_of_files(parts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the number of rows of each file, by the address that Spark tells of it."""
    counts: dict[str, int] = {}
    for part in parts:
        counts[part[_FILE]] = counts.get(part[_FILE], 0) + part["rows"]
    return counts


def row_numbers(table: ir.Table, parts: Sequence[Mapping[str, Any]]) -> ir.IntegerValue:
    """Return the number of each row, from 1, running on from part to part."""
    bases: dict[str, int] = {}
    before = 0
    for part in parts:
        bases[f"{part[_FILE]} {part[_PART]}"] = before + 1 - part["first"]
        before += part["rows"]
    if not bases:
        return table[_PLACE]
    if len(bases) == 1:
        return table[_PLACE] + next(iter(bases.values()))
    key = table[_FILE] + " " + table[_PART].cast("string")
    return table[_PLACE] + ibis.map(ibis.array(list(bases)), ibis.array(list(bases.values())))[key]
