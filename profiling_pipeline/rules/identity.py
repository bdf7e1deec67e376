"""Which rules of different versions are the same rule."""

import json
from hashlib import sha256

from profiling_pipeline.rules.rule import Rule

# What a rule counts does not depend on them, so results before and after a change of these are compared.
_NOT_COUNTED_BY = frozenset({"min_pass_rate", "warn_pass_rate", "origin"})
_LENGTH = 16  # hexadecimal digits


def rule_identity(rule: Rule) -> str:
    """Return a mark that rules share which count the same: attribute, check and parameters, `where` among them.

    A rule that is renamed, or carried over into another version, stays the same rule.
    """
    parameters = {name: value for name, value in rule.parameters.items() if name not in _NOT_COUNTED_BY}
    subject = rule.attribute if rule.attribute_id is None else rule.attribute_id
    parts = json.dumps([subject, rule.check, parameters], sort_keys=True, default=str)
    return sha256(parts.encode()).hexdigest()[:_LENGTH]
