"""Rule texts on their way to checks: each distinct text is looked at once for each column it is about."""

from collections.abc import Iterator
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.translation import Untranslated, translate
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.rules.catalogue import check_for
from profiling_pipeline.sources.declared_types import declared_format

_TEXTS_AT_ONCE = 2_000

_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS translations (
    text_id uuid, column_name text, columns_id integer, rule_code text, parameters jsonb, dimension text, note jsonb,
    PRIMARY KEY (text_id, column_name, columns_id))
"""
# `column_name` is empty where the attribute has no column: a key has no nulls.
_DISTINCT = """
SELECT pg_temp.new_id('text', rule_text), rule_text, column_name, columns_id, s.columns
FROM (
    SELECT DISTINCT t.rule_text, coalesce(c.column_name, '') AS column_name, coalesce(c.columns_id, 0) AS columns_id
    FROM ({texts}) t LEFT JOIN legacy_columns c USING (attribute_id)
    WHERE t.rule_text IS NOT NULL
) d
LEFT JOIN legacy_column_sets s USING (columns_id)
WHERE NOT EXISTS (
    SELECT 1 FROM translations k WHERE k.text_id = pg_temp.new_id('text', d.rule_text)
    AND k.column_name = d.column_name AND k.columns_id = d.columns_id)
"""
_COPY = "COPY translations (text_id, column_name, columns_id, rule_code, parameters, dimension, note) FROM STDIN"
_KEEP_TEXTS = """
INSERT INTO legacy_rule_texts (text_id, rule_text)
SELECT DISTINCT pg_temp.new_id('text', rule_text), rule_text
FROM ({texts}) t JOIN translations k ON k.text_id = pg_temp.new_id('text', t.rule_text)
WHERE k.rule_code IS NOT NULL
ON CONFLICT DO NOTHING
"""


def translate_texts(session: LegacySession, texts: sql.Composable) -> None:
    """Fill the temporary table `translations` for texts, and keep the text of each one that became a check.

    Args:
        session: The migration, in a transaction.
        texts: A query of `rule_text, attribute_id`.
    """
    session.execute(_TABLE)
    done = 0
    with session.raw.cursor(name="rule_texts") as cursor:
        cursor.execute(sql.SQL(_DISTINCT).format(texts=texts))
        while page := cursor.fetchmany(_TEXTS_AT_ONCE):
            with session.raw.cursor() as writer, writer.copy(_COPY) as copy:
                copy.set_types(["uuid", "text", "int4", "text", "jsonb", "text", "jsonb"])
                for row in _translated(page):
                    copy.write_row(row)
            done += len(page)
            session.report("rule texts", done, done)
    session.execute("ANALYZE translations")
    session.execute(sql.SQL(_KEEP_TEXTS).format(texts=texts))


def _translated(page: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for text_id, text, column, columns_id, columns in page:
        declared = {name: declared_format(*said) for name, said in (columns or {}).items()}
        formats = {name: each for name, each in declared.items() if each is not None}
        found = translate(text, column or None, list(declared), formats)
        if isinstance(found, Untranslated):
            yield text_id, column, columns_id, None, None, None, Jsonb({"untranslated": found.reason})
            continue
        note = {
            "recognised_as": found.recognised_as,
            "certainty": found.certainty,
            **({"differences": list(found.differences)} if found.differences else {}),
        }
        parameters = json_value(dict(found.parameters))
        dimension = check_for(found.check).dimension.value
        yield text_id, column, columns_id, found.check, Jsonb(parameters), dimension, Jsonb(note)
