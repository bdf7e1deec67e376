import ibis
import pyarrow as pa

from profiling_pipeline.rules.predicate import compile_predicate


def test_how_complex_a_predicate_is_does_not_depend_on_what_its_table_is_made_of() -> None:
    names = [f"c{number}" for number in range(500)]
    connection = ibis.duckdb.connect()
    stored = connection.create_table("stored", pa.table({name: ["1"] for name in names}))
    table = stored.select(**{name: stored[name].cast("int64") + 1 for name in names})

    condition = compile_predicate("c1 > 0 AND c2 < 5", table, names)

    assert table.filter(condition).count().to_pyarrow().as_py() == 1
    connection.disconnect()
