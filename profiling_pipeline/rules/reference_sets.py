"""Sets of values that standards keep, for `isin_reference`.

An installed package brings sets of its own under the entry points `profiling_pipeline.reference_sets`: each is a
`ReferenceSet`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from types import MappingProxyType

import pycountry

from profiling_pipeline.errors import ConfigurationError, RuleError
from profiling_pipeline.sources.column_names import nearest_names

ENTRY_POINTS = "profiling_pipeline.reference_sets"


@dataclass(frozen=True)
class ReferenceSet:
    """A named set; `description` completes "one of the ..." and `load` gives its values, once they are needed."""

    name: str
    description: str
    load: Callable[[], list[str]]

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The values, in alphabetical order."""
        return tuple(sorted(set(self.load())))


def _us_areas(*kinds: str) -> list[str]:
    areas = (area for area in pycountry.subdivisions if area.country_code == "US")
    return [area.code.removeprefix("US-") for area in areas if not kinds or area.type in kinds]


_BUILT_IN = (
    ReferenceSet("currency", "ISO 4217 currency codes such as USD", lambda: [c.alpha_3 for c in pycountry.currencies]),
    ReferenceSet(
        "country",
        "ISO 3166-1 country codes of two or three letters such as US or USA",
        lambda: [code for c in pycountry.countries for code in (c.alpha_2, c.alpha_3)],
    ),
    ReferenceSet(
        "country_alpha_2", "ISO 3166-1 country codes of two letters", lambda: [c.alpha_2 for c in pycountry.countries]
    ),
    ReferenceSet(
        "country_alpha_3", "ISO 3166-1 country codes of three letters", lambda: [c.alpha_3 for c in pycountry.countries]
    ),
    ReferenceSet("us_state", "postal codes of the fifty US states and of DC", lambda: _us_areas("State", "District")),
    ReferenceSet("us_state_or_territory", "postal codes of the US states, of DC and of the territories", _us_areas),
)


def find_reference_sets() -> dict[str, ReferenceSet]:
    """Return every set by its name, the built-in ones first.

    Raises:
        ConfigurationError: Two sets have the same name, or what a package names is no set.
    """
    found = {each.name: each for each in _BUILT_IN}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            brought = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                f"The reference set {point.value} cannot be loaded: {error}. Repair it."
            ) from error
        if not isinstance(brought, ReferenceSet) or brought.name in found:
            raise ConfigurationError(f"{point.value} is no reference set with a name of its own. Correct the package.")
        found[brought.name] = brought
    return found


REFERENCE_SETS: Mapping[str, ReferenceSet] = MappingProxyType(find_reference_sets())


def reference_set(name: str) -> ReferenceSet:
    """Return the set called `name`.

    Raises:
        RuleError: There is none; the message lists the nearest names.
    """
    if name in REFERENCE_SETS:
        return REFERENCE_SETS[name]
    near = nearest_names(name, list(REFERENCE_SETS))
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(REFERENCE_SETS)}."
    raise RuleError(f"There is no reference set '{name}'. {hint}")
