"""`profiling rule`: the review of single rules."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.cli.context import (
    ActorOption,
    VersionArgument,
    acting_user,
    open_current_database,
    open_version,
)
from profiling_pipeline.cli.output import say
from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.rules.rule import Severity
from profiling_pipeline.settings import get_settings

app = typer.Typer(help="Single rules: decide, add, edit, delete.", no_args_is_help=True)

RuleArgument = Annotated[UUID, typer.Argument(metavar="RULE", help="Id of the rule (profiling version show).")]


@app.command("decide")
def decide(
    rule: RuleArgument,
    decision: Annotated[Decision, typer.Argument()],
    actor: ActorOption,
    notes: Annotated[str | None, typer.Option("--notes", help="Needed unless the decision is approve.")] = None,
) -> None:
    """Decide on one rule: as tester while the version is a draft, as report owner once it is submitted."""
    from profiling_pipeline.services.review import ReviewService

    database = open_current_database()
    user = acting_user(database, actor)
    ReviewService(database).decide(rule, user.user_id, decision, notes)
    say(f"{user.name} decided {decision.value} on rule {rule}.")


@app.command("add")
def add(
    version: VersionArgument,
    rules: Annotated[Path, typer.Option("--rules", help="Rule file with the rules to add.")],
    actor: ActorOption,
) -> None:
    """Add the rules of a rule file to a draft; each is tried on the data first."""
    from profiling_pipeline.rules.rule_file import read_rules
    from profiling_pipeline.services.draft_rules import DraftRules

    added = read_rules(rules)
    database, version_id, user_id = open_version(version, actor)
    rule_ids = DraftRules(database, get_settings()).add_rules(version_id, user_id, added)
    for rule, rule_id in zip(added, rule_ids, strict=True):
        say(f"Added {rule.name} ({rule_id}).")


@app.command("edit")
def edit(
    rule: RuleArgument,
    actor: ActorOption,
    parameters: Annotated[str | None, typer.Option("--parameters", help="All parameters, as a JSON object.")] = None,
    severity: Annotated[Severity | None, typer.Option("--severity")] = None,
) -> None:
    """Change a rule of a draft, and try it on the data; the decisions on it are cleared."""
    from profiling_pipeline.services.draft_rules import DraftRules

    changes = {"rule_parameters": _json_object(parameters), "severity": severity}
    database = open_current_database()
    user_id = acting_user(database, actor).user_id
    DraftRules(database, get_settings()).edit_rule(
        rule, user_id, {name: value for name, value in changes.items() if value is not None}
    )
    say(f"Changed rule {rule}. It is undecided again.")


@app.command("delete")
def delete(rule: RuleArgument, actor: ActorOption) -> None:
    """Delete a rule of a draft."""
    from profiling_pipeline.services.draft_rules import DraftRules

    database = open_current_database()
    DraftRules(database).delete_rule(rule, acting_user(database, actor).user_id)
    say(f"Deleted rule {rule}.")


def _json_object(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"--parameters is not JSON: {error}. Write it as '{{\"min_value\": 0}}'.") from error
    if not isinstance(value, dict):
        raise InvalidInputError("--parameters is not a JSON object. Write it as '{\"min_value\": 0}'.")
    return value
