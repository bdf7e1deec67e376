"""Our own rule files, as one format among the others."""

from collections.abc import Iterable

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.model import Exported, Imported, LeftOut
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.rules.rule_file import dump_rules, parse_rules


def read(text: str, source: str, table: str | None = None) -> Imported:
    """Read the rules of a rule file; it is of one table, whatever that is called.

    Raises:
        InvalidInputError: It is no rule file, or one of its rules could never run.
    """
    return Imported(tuple(parse_rules(text, source)), ())


def write(rules: Iterable[Rule], table: str) -> Exported:
    """Write rules as a rule file, without those that could not be read again."""
    written, left_out = [], []
    for rule in rules:
        try:
            validate_rule(rule)
            written.append(rule)
        except RuleError as error:
            left_out.append(LeftOut(f"check {rule.check}", str(error), f"rule '{rule.name}'"))
    return Exported(dump_rules(written), tuple(left_out))
