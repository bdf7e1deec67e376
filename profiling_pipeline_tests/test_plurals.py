from profiling_pipeline.plurals import agreeing, counted


def test_a_number_has_its_noun() -> None:
    assert [counted(number, "row") for number in (0, 1, 2, 1000)] == ["0 rows", "1 row", "2 rows", "1,000 rows"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def test_a_verb_goes_with_its_number() -> None:
    assert [agreeing(number, "fails", "fail") for number in (0, 1, 2)] == ["fail", "fails", "fail"]
