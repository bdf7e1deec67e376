"""RE2 patterns mean the same in PostgreSQL, or are refused for it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.portable.patterns import check_pattern, pattern_for
from profiling_pipeline_tests.rules.engines import Engines, examples

PATTERNS = [
    r"\bb\b", "a.b", "(?s)a.b", r"^[\w.-]+@\w+$", "[]a]", "a{,2}", "(?i)ÉA", "[[:alpha:]]+$", r"\x41", r"[^\d]", "a*?b",
    "(?P<n>a)|b", r"\.", r"[\w-]+$", "a|", "^$", r"\D", "x{2,3}", "[.-]", r"\s", "é", r"[a-z\]]$", r"[\[x]",
    r"\$5", "^(?:a|b)c", r"\-", r"[^\n]", r"[\-x]", r"\A5\z", "[^]]", r"[\x{e9}-\x{f0}]", "a{2}?", "(?:(a)|(b)){2}",
    r"\t|\f", "[+--]", "a#b", " ", "[$^]",
]  # fmt: skip
TEXTS = [
    "", "a", "b", "ab", "aa", "a b c", "aXb", "a\nb", "x@y", "x.y-z@abc", "]", "a{,2}", "éa", "ÉA", "abc", "٣", "A",
    "5", "bº", "ßb",
    "$5", "xx", "a-", "[", "bc", "ac", "-", "\n", "ä", "5\n", "+", ",", "\t", "ð", " ", "a#b", "^", "_", "\u00a0",
]  # fmt: skip


@pytest.mark.parametrize("at_start", [False, True])
def test_both_engines_find_the_same(engines: Engines, at_start: bool) -> None:
    different = []
    for pattern in PATTERNS:
        translated = pattern_for(check_pattern(pattern), "postgres", at_start=at_start)
        original = pattern_for(pattern, "duckdb", at_start=at_start)
        for text in TEXTS:
            found = engines.duckdb.con.execute("SELECT regexp_matches(?, ?)", [text, original]).fetchall()
            same = engines.postgres.con.execute("SELECT %s::text ~ %s", [text, translated]).fetchall()
            if found != same:
                different.append((pattern, translated, text))
    assert different == []


@given(
    pattern=st.text("ab.*+?|()[]{}^$\\dDwWsSbBAz,1-:é ", min_size=1, max_size=12),
    text=st.text("ab.1-é \n_[]", max_size=6),
)
@example(pattern="a|b^", text="b")
@examples
def test_random_patterns(engines: Engines, pattern: str, text: str) -> None:
    try:
        translated = pattern_for(check_pattern(pattern), "postgres")
    except RuleError:
        return
    found = engines.duckdb.con.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchall()
    same = engines.postgres.con.execute("SELECT %s::text ~ %s", [text, translated]).fetchall()

    assert found == same, translated


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        (r"\p{L}", r"\p"),
        (r"\pN", r"\p"),
        ("a{256}", "255 repeats"),
        ("^*a", "repeated anchor"),
        ("(?i:a)b", "flags"),
        ("(?m)^a", "flags"),
        (r"[\D]", r"\D inside brackets"),
        (r"\Qa\E", r"\Q"),
        ("[[:^digit:]]x", "class"),
    ],
)
def test_what_postgresql_cannot_do(pattern: str, named: str) -> None:
    check_pattern(pattern)

    with pytest.raises(RuleError) as refusal:
        pattern_for(pattern, "postgres")
    assert named in str(refusal.value)


@pytest.mark.parametrize(
    "pattern", ["(a", "[a", "a**", "a{2}{3}", "a*+", "(?<n>a)", r"(?=a)", r"(a)\1", "x" * 1001, "a{2000}"]
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(RuleError):
        check_pattern(pattern)
