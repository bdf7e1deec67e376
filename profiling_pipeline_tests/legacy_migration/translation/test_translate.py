"""What translations say of themselves, and what they depend on."""

import pytest

from profiling_pipeline.legacy_migration.translation import Certainty, Translation, Untranslated, translate
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

FORMATS = {
    "state": DeclaredFormat(ColumnKind.TEXT),
    "grade": DeclaredFormat(ColumnKind.INTEGER),
    "rate": DeclaredFormat(ColumnKind.NUMBER),
    "period": DeclaredFormat(ColumnKind.DATE, date_format="%Y%m%d"),
}


def of(mask: str, column: str = "state", *, declared: bool = True) -> Translation:
    text = f"def check_rule(df, column_name):\n    ok = {mask}\n    return {{'passed': ok.sum(), 'total': len(df)}}"
    found = translate(text, column, list(FORMATS), FORMATS if declared else {})
    assert isinstance(found, Translation), found
    return found


def test_simple_texts_become_simple_checks() -> None:
    assert of("df[column_name].notna()") == Translation("not_null", {}, "missing values", Certainty.EXACT)
    assert of("df[column_name].notna() & (df[column_name].str.strip() != '')").check == "not_blank"
    ranged = of("df[column_name].isna() | df[column_name].between(1, 5)", "grade")
    assert ranged.parameters == {"predicate": "grade IS NULL OR (grade BETWEEN 1 AND 5)"}
    assert (ranged.recognised_as, ranged.certainty, ranged.differences) == ("a range", Certainty.EXACT, ())


def test_what_is_wrong_in_the_text_is_kept_and_named() -> None:
    named = of("df[column_name].astype(str).str.len() <= 4")
    assert named.parameters == {"predicate": "state IS NULL OR LENGTH(state) <= 4"}
    assert (named.certainty, named.differences) == (
        Certainty.EQUIVALENT,
        ("pandas writes a missing value as the text 'None', which is judged like any other text. This is kept.",),
    )
    assert of("df[column_name].isna() | (df[column_name].astype(str).str.len() <= 4)").differences == ()
    text = (
        "def check_rule(df, column_name):\n    bad = df[column_name].notna().sum() - (df[column_name].isna() | "
        "(df[column_name] > 0)).sum()\n    return {'passed': len(df) - bad, 'failed': bad, 'total': len(df)}"
    )
    taken_off = translate(text, "grade", list(FORMATS), FORMATS)
    assert isinstance(taken_off, Translation)
    assert taken_off.parameters == {"predicate": "grade IS NULL OR grade > 0"}
    assert "without having been among them" in taken_off.differences[0]


def test_whole_numbers_with_gaps_are_binary() -> None:
    found = of("df[column_name].astype(str).str.match('^[0-9]+$')", "grade")
    assert found.parameters["predicate"] == "grade IS NOT NULL AND REGEXP_LIKE(CAST(grade AS VARCHAR), '^[0-9]+$')"
    assert "'.0')" in found.parameters["predicate_with_gaps"]
    assert "as soon as one value" in found.differences[-1]


def test_dates_are_read_as_they_are_declared() -> None:
    found = of("pd.to_datetime(df[column_name], errors='coerce') <= pd.Timestamp.now()", "period")
    assert found.parameters["predicate"] == "CAST(period AS TIMESTAMP) IS NOT NULL AND period <= CURRENT_DATE"
    assert "the day it is" in found.differences[0]
    written_so = of("df[column_name].astype(str).str.len() == 8", "period").parameters["predicate"]
    assert written_so == "period IS NOT NULL AND LENGTH(REPLACE(CAST(period AS VARCHAR), '-', '')) = 8"
    assert "nanoseconds" in of("pd.to_datetime(df[column_name], errors='coerce').notna()", "rate").differences[0]


def test_of_undeclared_columns_the_text_tells() -> None:
    assert of("df[column_name] > 0", "other", declared=False).parameters == {
        "predicate": "other IS NOT NULL AND other > 0"
    }
    assert of("df[column_name].str.len() > 0", "other", declared=False).parameters == {
        "predicate": "other IS NOT NULL AND LENGTH(CAST(other AS VARCHAR)) > 0"
    }
    assert of("df[column_name] <= df['rate'] * 2", declared=False).parameters == {
        "predicate": "state IS NOT NULL AND rate IS NOT NULL AND state <= (rate * 2)"
    }


def test_columns_with_other_names() -> None:
    quoted = of("df[column_name].isin(['it''s'])", 'Odd "name"')
    assert quoted.parameters["predicate"].startswith('"Odd ""name""" IS NOT NULL AND ')
    assert "'State', which is 'state'" in of("df['State'] == 'CA'").differences[0]
    assert "no attribute is mapped to" in of("df['elsewhere'] == 'CA'").differences[0]
    hard_coded = translate("def validate_it(df): return df['rate'] >= 0", None, list(FORMATS), FORMATS)
    assert isinstance(hard_coded, Translation)
    assert hard_coded.parameters == {"predicate": "rate IS NOT NULL AND rate >= 0"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def check_rule(df, column_name):\n    return {'passed': 0, 'failed': 0, 'total': 0}", "tests nothing"),
        ("def check_rule(df, column_name):\n    return {'failed': (df[column_name] > 5).sum()}", "always stopped"),
        (
            "def check_rule(df, column_name):\n    return {'failed': df.apply(lambda x: float(x)).sum()}",
            "whole columns",
        ),
        ("def check_rule(df, column_name):\n    return {'failed': df[column_name].rolling(3).sum()}", ".rolling()"),
        ("def check_rule(df, column_name):\n    return {'failed': df[column_name].mean() > 5}", ".mean()"),
        ("def check_rule(df, col):\n    return {'failed': (df[col].str.slice(0, 4, 2) == 'AB').sum()}", ".slice()"),
        (
            "def check_rule(df, col):\n    return {'failed': (df[col].str.replace('A', '', 1) == 'B').sum()}",
            ".replace()",
        ),
        ("x = 1", "no function of the data"),
    ],
)
def test_why_a_text_stays_text(text: str, reason: str) -> None:
    found = translate(text, "state", list(FORMATS), FORMATS)
    assert isinstance(found, Untranslated)
    assert reason in found.reason
