"""Text that PostgreSQL can store."""

from profiling_pipeline.errors import InvalidInputError


def require_storable(text: str, what: str, longest: int | None = None) -> str:
    """Return the text as it is.

    Raises:
        InvalidInputError: It is too long, or has a NUL or half a character, which the database cannot store.
    """
    if longest is not None and len(text) > longest:
        raise InvalidInputError(f"The {what} has {len(text):,} characters, at most {longest} are possible. Shorten it.")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInputError(f"The {what} has characters that cannot be stored (NUL or half a pair). Remove them.")
    return text
