"""Foreign text read, and put into words that tests compare."""

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from profiling_pipeline.exchange.formats import FORMATS
from profiling_pipeline.exchange.model import FormatName, Imported, plain
from profiling_pipeline.rules.rule import Rule


def read(name: FormatName, text: str, table: str | None = None) -> Imported:
    """Return what a text in a format holds."""
    return FORMATS[name].read(dedent(text), f"file.{name}", table)


def said(rule: Rule) -> tuple[str, str, Mapping[str, Any]]:
    """Return the column, the check and the parameters of a rule."""
    return rule.attribute, rule.check, plain(rule.parameters)


def demands(imported: Imported) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return what each rule demands."""
    return [said(rule) for rule in imported.rules]


def reasons(imported: Imported) -> dict[str, str]:
    """Return the reasons by what is left out."""
    return {each.what: each.reason for each in imported.left_out}
