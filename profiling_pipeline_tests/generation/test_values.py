"""What the values of one column show: spelling, wording, units, words for a missing value, the bulk of numbers."""

import random

import pytest

from profiling_pipeline_tests.generation.from_rows import checks_of, found, outcomes_for

TOWNS = ["birmingham", "sheffield", "guntersville", "fort payne", "enterprise", "north haven", "south haven"]


def test_misspellings_are_forbidden_and_named() -> None:
    towns = [town for town in TOWNS for _ in range(40)] + ["birmingxam", "shefield", "enterprize"]
    outcome = found(outcomes_for({"town": towns}), "town", "isin")
    assert outcome.failed == 3
    assert "birmingxam" in (outcome.rule.rationale or "")


def test_in_an_open_column_only_near_misses_are_suspects() -> None:
    many = [f"{first}{second}ton" for first in "bdfgklmnprst" for second in ("a", "e", "o", "ar", "or", "en")]
    wrong = ["birmingxam", "guntersvile", "entxrprisx", "fort paynne", "shefxield", "birminghan", "guntxrsville"]
    towns = [*(town for town in TOWNS for _ in range(40)), *many, *wrong]
    outcome = found(outcomes_for({"town": towns}), "town", "notin")
    assert outcome.failed == len(wrong)
    assert not set(many) & set(outcome.rule.parameters["forbidden_values"])


def test_names_that_are_often_alike_have_no_suspects() -> None:
    dice = random.Random(3)
    names = [a + b + c for a in "BCDFKLMNPRST" for b in ("ar", "er", "or", "an", "en") for c in ("a", "e", "o")]
    drawn = dice.choices(names, weights=[1 / (1 + n % 30) for n in range(len(names))], k=3000)
    assert "notin" not in checks_of(outcomes_for({"first": drawn}), "first")


def test_words_beside_numbers_are_part_of_the_form() -> None:
    values = [f"{n % 700} patients" for n in range(400)] + ["3x patients", "12 paxients", "7patients"]
    assert found(outcomes_for({"sample": values}), "sample", "str_matches").failed == 3


def test_a_unit_behind_some_numbers_is_too_much() -> None:
    values = [f"0.0{n % 90 + 10}" for n in range(400)] + ["0.05%", "0.071%"] * 30
    outcome = found(outcomes_for({"abv": values}), "abv", "has_type")
    assert (outcome.failed, outcome.rule.parameters) == (60, {"type": "number"})


def test_a_unit_in_many_spellings_belongs_into_the_name() -> None:
    values = [f"{n % 30} {unit}" for n, unit in enumerate(["oz", "oz.", "ounce", "OZ."] * 100)]
    outcome = found(outcomes_for({"size": values}), "size", "has_type")
    assert outcome.failed == 400
    assert "4 ways" in (outcome.rule.rationale or "")


def test_one_unit_is_a_form() -> None:
    values = [f"{n} oz" for n in range(400)]
    assert checks_of(outcomes_for({"size": values}), "size") >= {"str_matches"}


@pytest.mark.parametrize("odd", ["12/02/2011 7:10 a.m.", "19:10", "7.10 a.m."])
def test_a_time_written_otherwise_stands_out(odd: str) -> None:
    dice = random.Random(1)
    times = [f"{dice.randrange(1, 13)}:{dice.randrange(60):02d} {dice.choice('ap')}.m." for _ in range(300)]
    assert found(outcomes_for({"departs": times + [odd] * 60}), "departs", "str_matches").failed == 60


def test_years_of_two_digits_stand_out_among_four() -> None:
    dice = random.Random(2)
    days = [f"{dice.randrange(1, 13)}/{dice.randrange(1, 29)}/{dice.randrange(1990, 2020)}" for _ in range(300)]
    assert found(outcomes_for({"made": [*days, "4/5/02", "11/12/98"]}), "made", "str_matches").failed == 2


def test_pages_that_a_spreadsheet_took_for_months_are_found() -> None:
    pages = [f"{n}-{n + 7}" for n in range(1, 300)] + ["Jun-70", "12-May"]
    assert found(outcomes_for({"pages": pages}), "pages", "expression").failed == 2


def test_commas_between_thousands_are_kept_or_not() -> None:
    votes = [f"{n * 977:,}" for n in range(1, 300)] + ["12345", "98765"]
    assert found(outcomes_for({"votes": votes}), "votes", "str_matches").failed == 2


def test_a_word_for_a_missing_value_is_wrong_beside_empty_cells_and_a_habit_without_any() -> None:
    numbers = ["N/A" if n % 3 == 0 else str(n) for n in range(300)]
    other = [None if n % 10 == 0 else "x" * (1 + n % 7) for n in range(300)]
    assert found(outcomes_for({"ibu": numbers, "note": other}), "ibu", "has_type").failed == 100
    habit = ["empty" if n % 3 == 0 else f"{n} pcs" for n in range(300)]
    assert not any(outcome.failed for outcome in outcomes_for({"stock": habit, "second": ["empty"] * 300}))


def test_sentinels_signs_and_values_beyond_a_wall_do_not_widen_a_range() -> None:
    dice = random.Random(5)
    scores = [dice.randrange(300, 851) for _ in range(2000)]
    with_errors = [999] * 60 + scores + [-score for score in scores[:60]]
    outcome = found(outcomes_for({"points": with_errors}), "points", "in_range")
    assert outcome.failed == 120
    limits = [dice.uniform(500, 50_000) for _ in range(2000)] + [dice.uniform(90_000, 300_000) for _ in range(50)]
    assert found(outcomes_for({"limit": limits}), "limit", "in_range").failed == 50


def test_a_tail_is_no_error() -> None:
    dice = random.Random(6)
    outcomes = outcomes_for({"income": [dice.lognormvariate(8, 1) for _ in range(3000)]})
    assert sum(outcome.failed for outcome in outcomes) <= 2


def test_unrounded_numbers_are_found() -> None:
    amounts = [n / 100 for n in range(1, 400)] + [1.2847010436292237, 7.149626993075439]
    assert found(outcomes_for({"amount": amounts}), "amount", "decimal_precision").failed == 2
