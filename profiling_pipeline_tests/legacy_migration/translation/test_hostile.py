"""Texts that are made to do harm: they are refused with a reason, in little time and without doing anything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiling_pipeline.legacy_migration.translation import Translation, Untranslated, translate

RULE = "def check_rule(df, column_name):\n    failed = {}\n    return {{'failed': failed, 'total': len(df)}}"
HOSTILE = {
    "empty": "",
    "blank": " \n ",
    "a character that texts cannot have": "def check_rule(df, c):\0 return df",
    "no Python": "def check_rule(df, column_name: return {}",
    "long": "# " + "x" * 30_000,
    "many statements": "x = 1\n" * 3_000,
    "parentheses": RULE.format("(" * 150 + "1" + ")" * 150),
    "many parentheses": RULE.format("(" * 5_000),
    "signs": RULE.format("-" * 8_000 + "1"),
    "negations": RULE.format("not " * 4_000 + "1"),
    "attributes": RULE.format("df" + ".a" * 5_000),
    "nested lists": RULE.format("[" * 90 + "]" * 90),
    "a sum of thousands": RULE.format("1" + "+1" * 4_000),
    "recursion": "def check_rule(df, c):\n    return check_rule(df, c)",
    "recursion of two": "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\n"
    "def check_rule(df, c):\n    return df[c].apply(f)",
    "a huge power": RULE.format("10 ** 10 ** 10"),
    "a huge number": RULE.format("9" * 5_000),
    "a huge text": RULE.format("'a' * 10 ** 10"),
    "a huge range": RULE.format("df[column_name].isin(range(10 ** 12)).sum()"),
    "a huge list": RULE.format("df[column_name].isin(list(range(9 ** 9))).sum()"),
    "a loop without end": "def check_rule(df, c):\n    while True:\n        pass\n    return {'failed': 0}",
    "loops in loops": "def check_rule(df, c):\n    failed = 0\n"
    + "".join(f"{'    ' * n}for i{n} in range(50):\n" for n in range(1, 9))
    + "    " * 9
    + "failed += 1\n    return {'failed': failed}",
    "branches in a row": "def f(x):\n    y = 0\n"
    + "".join(f"    if x > {n}:\n        y = y + {n}\n" for n in range(60))
    + "    return y > 5\ndef check_rule(df, c):\n    return df[c].apply(f)",
    "many alternatives": RULE.format(" | ".join(f"(df[column_name] > {n})" for n in range(900))),
    "an import": "def check_rule(df, c):\n    import os\n    os.system('true')\n    return {'failed': 0}",
    "eval": RULE.format("eval('1')"),
    "a hidden import": RULE.format("__import__('os').getpid()"),
    "attributes of types": RULE.format("().__class__.__bases__[0].__subclasses__()"),
    "a file": RULE.format("len(open('/etc/hosts').read())"),
    "a query of the frame": RULE.format("len(df.query('a > 1'))"),
    "eval of the frame": RULE.format("df.eval('a > 1').sum()"),
    "changed data": "def check_rule(df, c):\n    df[c] = 1\n    return {'failed': df[c].isna().sum()}",
    "changed in place": "def check_rule(df, c):\n    df[c].fillna(0, inplace=True)\n    return {'failed': 0}",
    "a class": "class A:\n    pass\ndef check_rule(df, c):\n    return A()",
    "await": "async def check_rule(df, c):\n    return await df",
    "yield": "def check_rule(df, c):\n    yield df",
    "a decorator": "@print\ndef check_rule(df, c):\n    return {'failed': df[c].isna().sum()}",
    "a walrus": RULE.format("(n := df[column_name].isna().sum())"),
    "a catastrophic pattern": RULE.format("df[column_name].str.match('(a+)+$' * 200).sum()"),
    "a pattern that looks ahead": RULE.format("df[column_name].str.match('(?=a)b', na=False).sum()"),
    "a pattern that refers back": RULE.format("df[column_name].str.match(r'(a)\\1', na=False).sum()"),
    "no pattern": RULE.format("df[column_name].str.match('(', na=False).sum()"),
    "SQL that drops": "SELECT COUNT(*) FROM {table} WHERE {column} IS NULL; DROP TABLE users",
    "SQL of two tables": "SELECT COUNT(*) FROM {table} a JOIN b ON a.x = b.x WHERE b.y IS NULL",
    "SQL within SQL": "SELECT COUNT(*) FROM {table} WHERE {column} IN (SELECT x FROM y)",
    "SQL that calls": "SELECT COUNT(*) FROM {table} WHERE pg_sleep(10) IS NULL",
    "deep SQL": "SELECT COUNT(*) FROM {table} WHERE " + "(" * 2_000 + "1 = 1" + ")" * 2_000,
    "SQL that deletes": "DELETE FROM {table}",
    "deep JSON": '{"type": ' + "[" * 9_000 + "]" * 9_000 + "}",
    "JSON of nothing": "{}",
    "surrogates": "def check_rule(df, c):\n    return df[c] == '\ud800'",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_it_is_refused(name: str) -> None:
    found = translate(HOSTILE[name], "amount", ["amount", "limit"])
    assert isinstance(found, Untranslated), found
    assert 5 < len(found.reason) < 600


@given(st.text(max_size=200) | st.text("df[column_name].str.sum()'\"()&|~ \n=<>01", max_size=120))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_an_answer(text: str) -> None:
    body = RULE.format(text)
    for written in (text, body, f"SELECT COUNT(*) FROM {{table}} WHERE {text}"):
        assert isinstance(translate(written, "amount", ["amount"]), Translation | Untranslated)
