"""What one column says of another: dependencies, order, sums, conditions, merged values."""

import random
from datetime import date, timedelta

from profiling_pipeline_tests.generation.from_rows import checks_of, found, outcomes_for


def a_city(dice: random.Random, rows: int = 600) -> dict[str, list[str | None]]:
    places = [
        (f"{10000 + 37 * n}", f"town {chr(97 + n)}{chr(97 + n * 7 % 26)}", "CA" if n % 3 else "NV") for n in range(24)
    ]
    drawn = [dice.choice(places) for _ in range(rows)]
    return {name: [place[n] for place in drawn] for n, name in enumerate(("zip", "town", "state"))}


def test_a_dependency_flags_the_deviating_values_of_its_dependent() -> None:
    table = a_city(random.Random(1))
    for row in (3, 77, 301):
        table["state"][row] = "NV" if table["state"][row] == "CA" else "CA"
    outcomes = [o for o in outcomes_for(table) if o.rule.check == "determined_by" and o.rule.column == "state"]
    assert outcomes
    assert {outcome.failed for outcome in outcomes} == {3}
    assert all("groups of two rows and more" in (outcome.rule.rationale or "") for outcome in outcomes)


def test_independent_columns_depend_on_nothing() -> None:
    dice = random.Random(2)
    table = {name: [dice.choice("abcdefgh"[: 2 + n]) for _ in range(1000)] for n, name in enumerate("pqrstu")}
    assert all("determined_by" not in checks_of(outcomes_for(table), name) for name in table)


def test_what_goes_with_a_columns_being_there_does_not_follow_from_its_values() -> None:
    dice = random.Random(8)
    pays = [dice.random() < 0.7 for _ in range(2_000)]
    columns = {
        "channel": [dice.choice(["ACH", "WEB", "CHK", "BRN"]) if paid else None for paid in pays],
        "bucket": ["CURRENT" if paid else dice.choice(["CURRENT", "1-29", "30-59", "60-89"]) for paid in pays],
    }
    assert "determined_by" not in checks_of(outcomes_for(columns), "bucket")


def test_noisy_sources_are_outvoted() -> None:
    dice = random.Random(3)
    flights = [f"AA-{n}" for n in range(30)]
    times = {flight: f"{dice.randrange(1, 13)}:{dice.randrange(60):02d}" for flight in flights}
    rows = [(flight, times[flight] if dice.random() < 0.75 else f"{dice.randrange(1, 13)}:{dice.randrange(60):02d}")
            for flight in flights for _ in range(30)]  # fmt: skip
    table = {"flight": [flight for flight, _ in rows], "departs": [time for _, time in rows]}
    wrong = sum(time != times[flight] for flight, time in rows)
    assert found(outcomes_for(table), "departs", "determined_by").failed == wrong


def test_sources_that_are_always_wrong_are_outvoted_too() -> None:
    dice = random.Random(13)
    times = {f"AA-{n}": f"{dice.randrange(1, 13)}:{dice.randrange(60):02d}" for n in range(30)}
    rows = [
        (f"site {site}", flight, f"12/02/2011 {time}" if site < 4 else time)
        for flight, time in times.items()
        for site in range(20)
    ]
    table = {name: [row[n] for row in rows] for n, name in enumerate(("site", "flight", "departs"))}
    assert found(outcomes_for(table), "departs", "determined_by").failed == 4 * 30


def test_what_changes_with_time_depends_on_nothing() -> None:
    dice = random.Random(14)
    days = [date(2024, 1, 1) + timedelta(31 * n) for n in range(24)]
    rows = [(f"A{n}", day, f"tier {n}" if dice.random() < 0.7 else "none") for n in range(30) for day in days]
    table = {name: [row[n] for row in rows] for n, name in enumerate(("account", "month", "tier"))}
    assert "determined_by" not in checks_of(outcomes_for(table), "tier")


def test_the_wrong_value_is_blamed_and_not_what_depends_on_it() -> None:
    table = a_city(random.Random(15), 2000)
    table["state"] = [("CA", "NV", "OR", "WA")[int(code or 0) % 4] for code in table["zip"]]
    taxes = {"CA": "T1", "NV": "T2", "OR": "T1", "WA": "T3"}
    table["tax"] = [taxes[state or ""] for state in table["state"]]
    for row in range(0, 2000, 50):
        table["state"][row] = {"CA": "NV", "NV": "OR", "OR": "WA", "WA": "CA"}[table["state"][row] or ""]
    outcomes = [o for o in outcomes_for(table) if o.rule.check == "determined_by"]
    assert {o.failed for o in outcomes if o.rule.column == "state"} == {40}
    assert not [o for o in outcomes if o.rule.column == "tax" and o.failed]


def test_a_missing_value_that_other_rows_tell_is_missing() -> None:
    table = a_city(random.Random(4))
    for row in range(0, 600, 9):
        table["town"][row] = None
    assert found(outcomes_for(table), "town", "not_null").failed == 67


def test_two_right_values_of_a_group_are_no_error() -> None:
    table = a_city(random.Random(5))
    table["branch"] = [f"{zip_code}-{n % 2}" for n, zip_code in enumerate(table["zip"])]
    assert "determined_by" not in checks_of(outcomes_for(table), "branch")


def test_a_value_merged_into_another_column_is_found_in_both() -> None:
    table = a_city(random.Random(6))
    for row in range(0, 600, 15):
        table["town"][row] = f"{table['town'][row]} {table['state'][row]}"
        table["state"][row] = None
    outcomes = outcomes_for(table)
    assert found(outcomes, "town", "expression").failed == 40
    assert found(outcomes, "state", "required_when").failed == 40


def test_days_in_order_and_amounts_that_add_up() -> None:
    dice = random.Random(7)
    opened = [date(2015, 1, 1) + timedelta(dice.randrange(3000)) for _ in range(800)]
    closed = [day + timedelta(dice.randrange(1, 2000)) for day in opened]
    principal = [round(dice.lognormvariate(7, 1), 2) for _ in range(800)]
    interest = [round(dice.lognormvariate(4, 1), 2) for _ in range(800)]
    total = [round(a + b, 2) for a, b in zip(principal, interest, strict=True)]
    closed[5] = opened[5] - timedelta(900)
    total[9] += 100
    outcomes = outcomes_for(
        {"opened": opened, "closed": closed, "principal": principal, "interest": interest, "total": total}
    )
    assert found(outcomes, "opened", "date_order").failed == 1
    assert found(outcomes, "total", "sum_equals").failed == 1


def test_amounts_without_relation_have_no_order() -> None:
    dice = random.Random(8)
    table = {f"amount {n}": [dice.uniform(0, 1000) for _ in range(800)] for n in range(6)}
    assert not any("column_ge" in checks_of(outcomes_for(table), name) for name in table)


def test_a_value_is_required_where_another_says_so() -> None:
    dice = random.Random(9)
    status = [dice.choice(["open", "open", "closed"]) for _ in range(900)]
    closed = ["2020-01-01" if each == "closed" else None for each in status]
    closed[status.index("closed")] = None
    outcome = found(outcomes_for({"status": status, "closed_on": closed}), "closed_on", "required_when")
    assert (outcome.failed, outcome.rule.parameters["when"]) == (1, "\"status\" = 'closed'")
