"""The catalogue: every check that a rule may name.

Nobody lists them. Each module of `rules/checks` is searched, and each module that an installed package names under the
entry points `profiling_pipeline.checks`: a class with a `name` is a check. They stand in the order of the dimensions,
and in that of their names within each.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from inspect import getmembers, isclass
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from profiling_pipeline.errors import ConfigurationError, RuleError
from profiling_pipeline.rules import checks
from profiling_pipeline.rules.checks.base import Check
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.column_names import nearest_names

ENTRY_POINTS = "profiling_pipeline.checks"


def find_checks() -> dict[str, type[Check]]:
    """Return every check by its name.

    Raises:
        ConfigurationError: Two checks have the same name, or a module that a package names cannot be used.
    """
    found: dict[str, type[Check]] = {}
    for module in _modules():
        for check in _checks_of(module):
            if (other := found.setdefault(check.name, check)) is not check:
                raise ConfigurationError(
                    f"There are two checks '{check.name}': in {other.__module__} and in {check.__module__}. Rename one."
                )
    dimensions = list(Dimension)
    return dict(sorted(found.items(), key=lambda item: (dimensions.index(item[1].dimension), item[0])))


def check_for(name: str) -> type[Check]:
    """Return the check called `name`.

    Raises:
        RuleError: There is none; the message lists the nearest names.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = nearest_names(name, list(CATALOGUE))
    hint = f"Did you mean {' or '.join(near)}?" if near else "Choose one of the catalogue."
    raise RuleError(f"There is no check '{name}'. {hint}")


def _modules() -> Iterator[ModuleType]:
    for module in iter_modules(checks.__path__, f"{checks.__name__}."):
        yield import_module(module.name)
    for point in entry_points(group=ENTRY_POINTS):
        try:
            yield point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                f"The checks of {point.value} cannot be loaded: {error}. Repair or remove the package that brings them."
            ) from error


def _checks_of(module: ModuleType) -> Iterator[type[Check]]:
    """Yield the checks that a module defines itself; classes without a name are what some of them have in common."""
    for _, member in getmembers(module, isclass):
        if issubclass(member, Check) and "name" in vars(member) and member.__module__ == module.__name__:
            yield member


CATALOGUE: Mapping[str, type[Check]] = MappingProxyType(find_checks())
