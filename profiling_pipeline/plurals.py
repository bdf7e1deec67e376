"""Numbers with the words that belong to them."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number, its thousands separated, with its noun: `1 row`, `2,000 rows`.

    Args:
        number: How many there are.
        one: The noun for one, such as `failed row`.
        many: The noun for any other number where it is not `one` with an s.
    """
    return f"{number:,} {agreeing(number, one, many or f'{one}s')}"


def agreeing(number: int, one: str, many: str) -> str:
    """Return the word that goes with a number: `fails` with 1, `fail` with any other."""
    return one if number == 1 else many
