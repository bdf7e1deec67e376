"""The same values in a file and in a PostgreSQL table have the same profile."""

from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline_tests.sources.opened import Files, Tables

TEXTS = ["b", "B", "a", "Ä", "_", "é", "Z", "a b", "ab", "A-b", "ß", "10", "9", "b", "B"]


def test_text_is_ordered_by_code_points(files: Files, tables: Tables) -> None:
    tables.run("CREATE TABLE words (t text)")
    with tables.connection.cursor() as cursor:
        cursor.executemany("INSERT INTO words VALUES (%s)", [(text,) for text in TEXTS])
    with tables.open("words") as source:
        of_table = profile_source(source).column("t")
    with files.open_text("\n".join(["t", *TEXTS])) as source:
        of_file = profile_source(source).column("t")
    assert of_table == of_file
    assert (of_table.minimum, of_table.maximum) == (min(TEXTS), max(TEXTS))
