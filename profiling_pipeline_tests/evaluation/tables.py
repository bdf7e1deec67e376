"""Clean tables of several kinds, made up from a seed, and errors put into them."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

Table = dict[str, list[str]]  # columns of texts, "" for no value

_SYLLABLES = ["ba", "co", "den", "el", "fur", "gra", "hol", "in", "ka", "lor", "mon", "nes", "or", "pel", "ri", "sta"]
_STATES = [
    "AL",
    "AK",
    "AZ",
    "CA",
    "CO",
    "CT",
    "FL",
    "GA",
    "ID",
    "IL",
    "IN",
    "KY",
    "ME",
    "MI",
    "MN",
    "MO",
    "NC",
    "NV",
    "NY",
    "OH",
    "OR",
    "PA",
    "TX",
    "UT",
    "VA",
    "WA",
    "WI",
]


def people(rows: int, dice: random.Random) -> Table:
    """Tax payers: a zip code says town and state, a state its rate, an area code its state."""
    towns = [
        (f"{dice.randrange(10000, 99999)}", _name(dice, 3), dice.choice(_STATES)) for _ in range(max(8, rows // 25))
    ]
    areas = {state: [str(dice.randrange(200, 990)) for _ in range(2)] for state in _STATES}
    rates = {state: f"{dice.randrange(0, 900) / 100}" for state in _STATES}
    table: Table = {name: [] for name in ("first", "last", "sex", "area", "phone", "city", "state", "zip", "married",
                                          "has_child", "salary", "rate", "child_exemption")}  # fmt: skip
    for _ in range(rows):
        zip_code, town, state = dice.choice(towns)
        has_child = dice.choice("YN")
        row = [_name(dice, 2), _name(dice, 3), dice.choice("MF"), dice.choice(areas[state]),
               f"{dice.randrange(200, 999)}-{dice.randrange(10000):04d}", town, state, zip_code, dice.choice("SM"),
               has_child, str(5000 * dice.randrange(1, 40)), rates[state],
               str(dice.choice([500, 1000, 2000])) if has_child == "Y" else "0"]  # fmt: skip
        _append(table, row)
    return table


def departures(rows: int, dice: random.Random) -> Table:
    """Times of flights as several sites tell them: all sites should say the same of a flight."""
    sites = [_name(dice, 2) for _ in range(24)]
    table: Table = {name: [] for name in ("source", "flight", "scheduled", "departed", "arrived")}
    for number in range(max(1, rows // len(sites))):
        flight = f"{dice.choice(['AA', 'UA', 'CO'])}-{100 + number}-{_name(dice, 1)}-{_name(dice, 1)}"
        times = [_time(dice) for _ in range(3)]
        for site in sites:
            _append(table, [site, flight, *times])
    return table


def articles(rows: int, dice: random.Random) -> Table:
    """A bibliography: a journal says its abbreviation and number; pages and volumes are often not known."""
    journals = [(" ".join(_name(dice, 3) for _ in range(3)), _name(dice, 1) + " " + _name(dice, 1), _issn(dice))
                for _ in range(max(5, rows // 12))]  # fmt: skip
    table: Table = {name: [] for name in ("id", "title", "language", "journal", "short", "issn", "volume", "created",
                                          "pages")}  # fmt: skip
    for number in range(rows):
        journal, short, issn = dice.choice(journals)
        day = date(2001, 1, 1) + timedelta(dice.randrange(4000))
        page = dice.randrange(1, 900)
        row = [str(1000 + 7 * number), " ".join(_name(dice, 2) for _ in range(dice.randrange(4, 9))),
               dice.choices(["eng", "fre", "ger", "chi"], [90, 4, 3, 3])[0], journal, short, issn,
               str(dice.randrange(1, 80)) if dice.random() < 0.8 else "", f"{day.month}/{day.day}/{day.year}",
               f"{page}-{page + dice.randrange(1, 20)}" if dice.random() < 0.7 else str(page)]  # fmt: skip
        _append(table, row)
    return table


def films(rows: int, dice: random.Random) -> Table:
    """Films with free text, a rating, a number of votes, a running time and a year that the release date repeats."""
    directors = [f"{_name(dice, 2)} {_name(dice, 2)}" for _ in range(max(5, rows // 3))]
    table: Table = {name: [] for name in ("id", "title", "year", "director", "rating", "votes", "duration", "country",
                                          "released", "plot")}  # fmt: skip
    for number in range(rows):
        day = date(1990, 1, 1) + timedelta(dice.randrange(11000))
        row = [f"tt{200000 + 13 * number:07d}", " ".join(_name(dice, 2) for _ in range(dice.randrange(1, 5))),
               str(day.year), dice.choice(directors), f"{dice.randrange(20, 95) / 10}",
               f"{int(dice.lognormvariate(8, 1.5)):,}", f"{dice.randrange(70, 190)} min",
               dice.choices(["USA", "UK", "France", "India", "USA,UK"], [60, 15, 10, 10, 5])[0],
               f"{day.day} {day:%B %Y}",
               " ".join(_name(dice, 2) for _ in range(20)) if dice.random() < 0.6 else ""]  # fmt: skip
        _append(table, row)
    return table


def payments(rows: int, dice: random.Random) -> Table:
    """Card accounts with amounts that add up, days in order and codes that say whether a closing day is given."""
    table: Table = {name: [] for name in ("account_id", "branch", "branch_name", "currency", "status", "opened",
                                          "closed", "principal", "interest", "total", "limit", "score")}  # fmt: skip
    branches = [(f"B{number:03d}", _name(dice, 3).title()) for number in range(12)]
    for number in range(rows):
        branch, branch_name = dice.choice(branches)
        status = dice.choices(["OPEN", "CLOSED", "FROZEN"], [70, 25, 5])[0]
        opened = date(2010, 1, 1) + timedelta(dice.randrange(4000))
        principal, interest = round(dice.lognormvariate(7, 1), 2), round(dice.lognormvariate(3, 1), 2)
        row = [f"{10_000_000 + 17 * number}", branch, branch_name,
               dice.choices(["USD", "EUR", "CHF"], [80, 15, 5])[0], status, opened.isoformat(),
               (opened + timedelta(dice.randrange(1, 2000))).isoformat() if status == "CLOSED" else "",
               f"{principal:.2f}", f"{interest:.2f}", f"{principal + interest:.2f}",
               str(500 * (int(principal + interest) // 500 + dice.randrange(1, 9))),
               str(dice.randrange(300, 851))]  # fmt: skip
        _append(table, row)
    return table


TABLES: Mapping[str, Callable[[int, random.Random], Table]] = {
    "people": people,
    "departures": departures,
    "articles": articles,
    "films": films,
    "payments": payments,
}

Spoil = Callable[[str, random.Random], str]


def typo(text: str, dice: random.Random) -> str:
    """One or two letters exchanged, left out, doubled or replaced."""
    for _ in range(dice.choice([1, 1, 2])):
        if not text:
            return text
        place = dice.randrange(len(text))
        other = dice.choice("abcdefghijklmnopqrstuvwxyz")
        text = dice.choice([
            text[:place] + other + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + text[place] + text[place:],
        ])  # fmt: skip
    return text


def x_typo(text: str, dice: random.Random) -> str:
    """Every occurrence of one letter of the text replaced by x."""
    return text.replace(dice.choice(text), "x") if text else text


def marker(word: str) -> Spoil:
    """A word in place of a value."""
    return lambda text, dice: word


def unit(*ways: str) -> Spoil:
    """A unit behind the value, in one of the given ways."""
    return lambda text, dice: text + dice.choice(ways)


def spoil(clean: Table, errors: Sequence[tuple[str, Spoil]], share: float, dice: random.Random) -> Table:
    """Return a copy in which each named column has a share of its values spoilt in the named way."""
    dirty = {name: list(values) for name, values in clean.items()}
    for name, change in errors:
        given = [row for row, value in enumerate(clean[name]) if value]
        for row in dice.sample(given, max(1, round(share * len(given)))):
            dirty[name][row] = change(clean[name][row], dice)
    return dirty


def as_csv(table: Table) -> str:
    """The table as a file."""
    lines = [",".join(table)]
    lines += [",".join(f'"{value}"' if value else "" for value in row) for row in zip(*table.values(), strict=True)]
    return "\n".join(lines) + "\n"


def _append(table: Table, row: Sequence[str]) -> None:
    for name, value in zip(table, row, strict=True):
        table[name].append(value)


def _name(dice: random.Random, syllables: int) -> str:
    return "".join(dice.choice(_SYLLABLES) for _ in range(syllables))


def _time(dice: random.Random) -> str:
    return f"{dice.randrange(1, 13)}:{dice.randrange(60):02d} {dice.choice(['a.m.', 'p.m.'])}"


def _issn(dice: random.Random) -> str:
    return f"{dice.randrange(10000):04d}-{dice.randrange(1000):03d}{dice.choice('0123456789X')}"
