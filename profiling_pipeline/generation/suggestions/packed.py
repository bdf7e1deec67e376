"""Rules that a pack knows for attributes of certain names, kept where the data bear them out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from profiling_pipeline.generation.counting import count_kept
from profiling_pipeline.generation.rule_packs import OWN_COLUMN, PackRule, RulePack, is_called
from profiling_pipeline.generation.statistics import confidence
from profiling_pipeline.generation.suggestions.subject import PROVIDER, Subject, portion
from profiling_pipeline.rules.predicate.columns import quoted
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import OpenSource


def suggest(subjects: Sequence[Subject], packs: Sequence[RulePack], source: OpenSource | None) -> dict[str, list[Rule]]:
    """Return the rules of packs for each column, with the rows that keep them, where enough rows do.

    A rule for which too few rows speak is of another attribute that happens to have such a name, or of another unit.
    """
    proposed = [
        (subject, pack_rule, rule)
        for pack in sorted(packs, key=lambda pack: not pack.when_columns)  # those for certain tables first
        if _is_for(pack, subjects)
        for pack_rule in pack.rules
        for subject in subjects
        if (rule := _rule(subject, pack, pack_rule, subjects)) is not None
    ]
    kept: dict[str, list[Rule]] = {}
    seen: set[tuple[str, str, str]] = set()
    counts = count_kept([rule for _, _, rule in proposed], source) if source else [None] * len(proposed)
    for (subject, pack_rule, rule), counted in zip(proposed, counts, strict=True):
        about = "" if rule.check == "expression" else subject.column.name  # whose predicate says it all
        meaning = (about, rule.check, str(rule.parameters))
        if meaning in seen or (source and counted is None):
            continue
        if counted is not None:
            holding, tested = counted
            if not tested or 100 * holding < pack_rule.min_share * tested:
                continue
            rule = _with_evidence(rule, holding, tested)
        seen.add(meaning)
        kept.setdefault(subject.column.name, []).append(rule)
    return kept


def replaces(packed: Mapping[str, Sequence[Rule]], observed: Rule) -> bool:
    """Return whether a rule of a pack, on the same column, says what an observed rule says, or more."""
    if observed.check in {"column_ge", "date_order"}:
        pair = {quoted(observed.column or ""), *(quoted(str(other)) for other in observed.parameters.values())}
        predicates = [str(rule.parameters.get("predicate")) for rules in packed.values() for rule in rules]
        return any(all(name in predicate for name in pair) for predicate in predicates)
    return any(_says_more(rule, observed) for rule in packed.get(observed.column or "", []))


def _says_more(rule: Rule, observed: Rule) -> bool:
    if rule.check == "isin_reference":
        return observed.check in {"isin", "str_matches", "isin_reference"}
    if rule.check != observed.check:
        return rule.check in {"luhn", "lei", "iban", "is_email"} and observed.check == "str_matches"
    if rule.check == "in_range":
        limits = (rule.parameters["min_value"], rule.parameters["max_value"])
        others = (observed.parameters["min_value"], observed.parameters["max_value"])
        return bool(Decimal(str(others[0])) <= limits[0] and limits[1] <= Decimal(str(others[1])))
    return dict(rule.parameters) == dict(observed.parameters)


def _is_for(pack: RulePack, subjects: Sequence[Subject]) -> bool:
    return all(_column(subjects, names) is not None for names in pack.when_columns)


def _rule(subject: Subject, pack: RulePack, rule: PackRule, subjects: Sequence[Subject]) -> Rule | None:
    if not _applies(rule, subject):
        return None
    columns: dict[str, str] = {OWN_COLUMN: subject.column.name}
    for alias, names in rule.columns.items():
        other = _column(subjects, names)
        if other is None or other is subject:
            return None
        columns[alias] = other.column.name
    reference = pack.reference if rule.reference is None else f"{pack.reference}, {rule.reference}"
    return Rule(
        name=f"{subject.label} {rule.name}",
        attribute=subject.attribute.name,
        check=rule.check,
        parameters=rule.filled_in(columns),
        severity=rule.severity,
        column=subject.column.name,
        description=f"Every {subject.label} {rule.name}.",
        rationale=f"{rule.why} (Rule pack {pack.name}.)",
        provider=PROVIDER,
        regulatory_reference=reference,
        attribute_id=subject.attribute.attribute_id,
    )


def _with_evidence(rule: Rule, holding: int, tested: int) -> Rule:
    seen = f"{portion(holding, tested, 'rows')} keep it."
    return replace(rule, rationale=f"{rule.rationale} {seen}", confidence=confidence(holding, tested))


def _applies(rule: PackRule, subject: Subject) -> bool:
    names = _names(subject)
    if any(is_called(name, rule.applies_to.except_names) for name in names):
        return False
    code = (subject.attribute.mdrm or "").strip().upper()
    return code in rule.applies_to.mdrm or any(is_called(name, rule.applies_to.names) for name in names)


def _column(subjects: Sequence[Subject], patterns: Sequence[str]) -> Subject | None:
    """Return the subject that the first pattern with any match means: of several the one with the shortest name."""
    for pattern in patterns:
        found = [subject for subject in subjects if any(is_called(name, [pattern]) for name in _names(subject))]
        if found:
            return min(found, key=lambda subject: (len(subject.column.name), subject.column.name))
    return None


def _names(subject: Subject) -> tuple[str, ...]:
    attribute = subject.attribute
    return tuple(name for name in (attribute.name, attribute.technical_name, subject.column.name) if name)
