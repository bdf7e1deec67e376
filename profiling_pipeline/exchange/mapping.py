"""Checks of the catalogue and their counterparts, stated once and read in both directions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.rules.binding import RESERVED, describe, validate_rule
from profiling_pipeline.rules.catalogue import check_for
from profiling_pipeline.rules.rule import Rule

# Parameters that a rule does not have, but a counterpart may want: its own column, and all columns of its key.
COLUMN, COLUMNS = "<column>", "<columns>"
# The note on every written limit for the age of the newest date.
AGE_NOTE = ("days", "Other tools count back from the moment of the check, rules here count whole days (UTC)")
_UNSAID = object()
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Conversion:
    """How a value is said on the other side, and how it is read back (ValueError, where it is none of that kind)."""

    to_theirs: Callable[[Any], Any]
    to_ours: Callable[[Any], Any]


def _only_one(values: Any) -> Any:
    if not isinstance(values, list) or len(values) != 1:
        raise ValueError("one value is expected")
    return values[0]


AS_IS = Conversion(lambda value: value, lambda value: value)
NEGATED = Conversion(lambda value: not value, lambda value: not value)
ONE_OF = Conversion(lambda value: [value], _only_one)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("a number is expected")
    return value


NUMBER = Conversion(_number, _number)
MISSING_PERCENT = Conversion(  # ours: percentage without a value; theirs: share with one
    lambda percent: (100 - Decimal(percent)) / 100, lambda share: 100 - Decimal(share) * 100
)


@dataclass(frozen=True)
class Argument:
    """A parameter of ours and its name on the other side; `unsaid` is what they mean when they leave it out."""

    ours: str
    theirs: str
    conversion: Conversion = AS_IS
    unsaid: Any = _UNSAID


def alike(*names: str) -> tuple[Argument, ...]:
    """Return arguments that have the same name on both sides."""
    return tuple(Argument(name, name) for name in names)


@dataclass(frozen=True)
class Counterpart:
    """A check and what it is called on the other side.

    `fixed` are their arguments that always come with it, `when` parameters of ours that its name alone says.
    """

    check: str
    theirs: str
    arguments: tuple[Argument, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)

    def said(self, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the other side's arguments, None where they cannot say all of the parameters."""
        try:
            return self._said(parameters)
        except (ValueError, TypeError):
            return None

    def _said(self, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        unsaid = {name: value for name, value in parameters.items() if name not in (COLUMN, COLUMNS)}
        for name, value in self.when.items():
            if unsaid.pop(name, None) != value:
                return None
        result: dict[str, Any] = {}
        for argument in self.arguments:
            if argument.ours in parameters:
                result[argument.theirs] = argument.conversion.to_theirs(parameters[argument.ours])
                unsaid.pop(argument.ours, None)
                if argument.ours == COLUMNS:
                    unsaid.pop("with", None)
            elif argument.ours == COLUMNS:
                return None  # the key is one column
            elif argument.unsaid is not _UNSAID:
                default = check_for(self.check).model_fields[argument.ours].default
                result[argument.theirs] = argument.conversion.to_theirs(default)
        return None if unsaid else {**result, **self.fixed}

    def read(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return our parameters.

        Raises:
            NotCarriedError: There are other arguments than these.
        """
        left = dict(arguments)
        for name, value in self.fixed.items():
            if left.pop(name, None) != value:
                raise NotCarriedError(f"it has another {name} than {value}")
        parameters = dict(self.when)
        for argument in self.arguments:
            value = left.pop(argument.theirs, argument.unsaid)
            if value is _UNSAID:
                continue
            try:
                parameters[argument.ours] = argument.conversion.to_ours(value)
            except (ValueError, TypeError, ArithmeticError) as error:
                raise NotCarriedError(f"its {argument.theirs} cannot be {value!r}") from error
        if left:
            raise NotCarriedError(f"its {', '.join(left)} cannot be said here")
        return parameters


def own_parameters(rule: Rule) -> dict[str, Any]:
    """Return the parameters of the rule's check itself that say something, with its column among them."""
    fields = check_for(rule.check).model_fields
    defaults = {each.alias or name: each.default for name, each in fields.items() if not each.is_required()}
    own = {
        name: value
        for name, value in rule.parameters.items()
        if name not in RESERVED and value is not None and not (name in defaults and plain_equal(value, defaults[name]))
    }
    column = column_of(rule)
    with_columns = own.get("with")
    columns = {COLUMNS: [column, *with_columns]} if rule.check == "unique" and with_columns else {}
    return own | {COLUMN: column} | columns


def plain_equal(value: Any, other: Any) -> bool:
    """Return whether two parameters are the same, be they lists or tuples."""
    lists = [list(each) if isinstance(each, tuple) else each for each in (value, other)]
    return bool(lists[0] == lists[1]) and isinstance(lists[0], bool) is isinstance(lists[1], bool)


def named(rule: Rule) -> str:
    """Return what reasons call a rule's check."""
    return f"the check {rule.check}"


def column_of(rule: Rule) -> str:
    """Return the column that the rule is about, or its attribute where that is all that is known."""
    return rule.column or rule.attribute


def say(rule: Rule, table: Sequence[Counterpart]) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the arguments of the first counterpart that says what the rule demands of its column."""
    parameters = own_parameters(rule)
    for counterpart in table:
        if counterpart.check == rule.check:
            arguments = counterpart.said(parameters)
            if arguments is not None:
                return counterpart.theirs, arguments
    return None


def read(name: str, arguments: Mapping[str, Any], column: str | None, table: Iterable[Counterpart]) -> Rule:
    """Return the rule, without name and tolerance, that the first fitting counterpart says.

    Raises:
        NotCarriedError: None fits; the message is why.
    """
    reasons = []
    for counterpart in table:
        if counterpart.theirs == name:
            try:
                return as_rule(counterpart.check, counterpart.read(arguments), column)
            except NotCarriedError as error:
                reasons.append(str(error))
    raise NotCarriedError(next(iter(reasons), "the catalogue has no such check"))


def as_rule(check: str, parameters: Mapping[str, Any], column: str | None) -> Rule:
    """Return a rule that could run, without a name.

    Raises:
        NotCarriedError: It could not, or no column is known.
    """
    own = dict(parameters)
    columns = own.pop(COLUMNS, None)
    if columns is not None:
        if not isinstance(columns, list) or len(columns) < 2:
            raise NotCarriedError("a key of several columns is expected")
        own |= {COLUMN: columns[0], "with": columns[1:]}
    column = own.pop(COLUMN, column)
    if not isinstance(column, str) or not column:
        raise NotCarriedError("no column is named, and every rule belongs to one")
    rule = Rule(name="", attribute=column, check=check, parameters=own)
    try:
        validate_rule(rule)
    except RuleError as error:
        raise NotCarriedError(str(error).removeprefix(f"Rule '': check '{check}': ")) from error
    return rule


def with_tolerance(rule: Rule, **reserved: Any) -> Rule:
    """Return the rule with the reserved parameters that are given and say something."""
    said = {name: value for name, value in reserved.items() if value is not None}
    if said.get("min_pass_rate") == 100:
        del said["min_pass_rate"]
    changed = replace(rule, parameters={**rule.parameters, **said})
    try:
        validate_rule(changed)
    except RuleError as error:
        raise NotCarriedError(str(error).removeprefix(f"Rule '{rule.name}': check '{rule.check}': ")) from error
    return changed


def titled(rule: Rule, name: object = None) -> Rule:
    """Return the rule with its name, or with its demand in words as its name."""
    title = name if isinstance(name, str) and name.strip() else describe(rule).removesuffix(".")
    return replace(rule, name=title[:_LONGEST_NAME])


def pass_rates(rule: Rule) -> tuple[Decimal, Decimal | None]:
    """Return the rule's `min_pass_rate` and `warn_pass_rate`."""
    least, warned = (rule.parameters.get(name) for name in ("min_pass_rate", "warn_pass_rate"))
    return Decimal(100 if least is None else str(least)), None if warned is None else Decimal(str(warned))


def where_of(rule: Rule) -> str | None:
    """Return the rule's `where`."""
    return rule.parameters.get("where")
