"""Functions that a text defines and calls."""

from profiling_pipeline.legacy_migration.translation import Translation, translate
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

FORMATS = {"amount": DeclaredFormat(ColumnKind.NUMBER)}
# What `label` gives is not known here, and nothing depends on it.
LABEL = """
def label(x):
    if x < 0:
        return True
    return unheard_of(x)
"""
IN_A_LOOP = """
def check_rule(df, column_name):
    failed = 0
    for value in df[column_name]:
        name = label(value)
        if value < 0:
            failed += 1
    return {'passed': len(df) - failed, 'failed': failed, 'total': len(df)}
"""
IN_A_FUNCTION = """
def check_rule(df, column_name):
    def ok(value):
        name = label(value)
        if value < 0:
            return False
        return True
    passed = df[column_name].apply(ok).sum()
    return {'passed': passed, 'failed': len(df) - passed, 'total': len(df)}
"""
STOPPING = """
def check_rule(df, column_name):
    def ratio(value):
        return 1 / 0
    def ok(value):
        for attempt in range(12):
            try:
                return ratio(value) > 5
            except ZeroDivisionError:
                pass
        return value >= 0
    passed = df[column_name].apply(ok).sum()
    return {'passed': passed, 'failed': len(df) - passed, 'total': len(df)}
"""


def predicate(text: str) -> object:
    found = translate(text, "amount", list(FORMATS), FORMATS)
    assert isinstance(found, Translation), found
    return found.parameters["predicate"]


def test_a_function_that_is_given_up_leaves_nothing_behind() -> None:
    """Neither what it returned until then, nor the place of what the loop around it counts."""
    for text in (IN_A_LOOP, IN_A_FUNCTION):
        assert predicate(LABEL + text) == "amount IS NULL OR amount >= 0"


def test_a_function_may_stop_however_often_it_is_called() -> None:
    assert predicate(STOPPING) == "amount IS NOT NULL AND amount >= 0"
