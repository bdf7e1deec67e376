"""A single rule: all there is to know of it, and correcting it."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from profiling_pipeline.approval.lifecycle import Step
from profiling_pipeline.errors import InvalidInputError, NotFoundError
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.manual import manual_of
from profiling_pipeline.rules.rule import Dimension, Severity
from profiling_pipeline.services.draft_rules import DraftRules
from profiling_pipeline.services.phases import phase_attributes
from profiling_pipeline.services.results import rule_history
from profiling_pipeline.services.versions import RuleView, VersionView, get_version
from profiling_pipeline.storage.database import Database
from profiling_pipeline.web.pages import notify, render
from profiling_pipeline.web.people import rule_people
from profiling_pipeline.web.permissions import permissions, require_step
from profiling_pipeline.web.rule_form import RuleForm, form_of_rule, own_parameters, sent_rule_form
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser, current_settings

router = APIRouter(prefix="/versions/{version_id}/rules")

HISTORY_SHOWN = 50
SentRule = Annotated[RuleForm, Depends(sent_rule_form)]


@router.get("/new")
def new_rule_page(request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID) -> Response:
    """Show the form for a rule to be added."""
    version = get_version(database, version_id)
    require_step(Step.CHANGE_RULES, version, user)
    return _form_page(request, database, version, None, RuleForm())


@router.post("")
def add_rule(
    request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID, form: SentRule
) -> Response:
    """Add a rule to a draft, or show the form again with what is wrong."""
    try:
        rule_id = DraftRules(database, current_settings(request)).add_rule(version_id, user.user_id, form.rule())
    except InvalidInputError as error:
        version = get_version(database, version_id)
        require_step(Step.CHANGE_RULES, version, user)
        return _form_page(request, database, version, None, form, str(error))
    notify(request, "Added. The rule is undecided.")
    return _to_rule(version_id, rule_id)


@router.get("/{rule_id}")
def rule_page(
    request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID, rule_id: UUID
) -> Response:
    """Show everything about a rule."""
    version = get_version(database, version_id)
    place, rule = _find(version, rule_id)
    history = rule_history(database, rule_id, HISTORY_SHOWN)
    return render(
        request,
        "rule.html",
        version=version,
        rule=rule,
        before=version.rules[place - 1] if place else None,
        after=version.rules[place + 1] if place + 1 < len(version.rules) else None,
        place=place + 1,
        history=history,
        trend=[(execution.executed_at, execution.outcome.pass_rate) for execution in reversed(history)],
        parameters=own_parameters(rule.rule_code, rule.rule_parameters),
        allowed=permissions(version, user),
        people=rule_people(database, rule),
    )


@router.get("/{rule_id}/edit")
def edit_page(
    request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID, rule_id: UUID
) -> Response:
    """Show the form filled in with the rule."""
    version = get_version(database, version_id)
    _, rule = _find(version, rule_id)
    require_step(Step.CHANGE_RULES, version, user)
    return _form_page(request, database, version, rule, form_of_rule(rule))


@router.post("/{rule_id}")
def edit_rule(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    rule_id: UUID,
    form: SentRule,
    revision: Annotated[str, Form()],
) -> Response:
    """Change a rule of a draft, or show the form again with what is wrong."""
    version = get_version(database, version_id)
    _, rule = _find(version, rule_id)
    try:
        changes = form.changes(origin=rule.rule_parameters.get("origin"))
        draft_rules = DraftRules(database, current_settings(request))
        draft_rules.edit_rule(rule_id, user.user_id, changes, revision=revision)
    except InvalidInputError as error:
        require_step(Step.CHANGE_RULES, version, user)
        return _form_page(request, database, version, rule, form, str(error), revision)
    notify(request, "Changed. The rule is undecided again.")
    return _to_rule(version_id, rule_id)


@router.post("/{rule_id}/deletion")
def delete_rule(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    rule_id: UUID,
    revision: Annotated[str, Form()],
) -> Response:
    """Delete a rule of a draft."""
    DraftRules(database).delete_rule(rule_id, user.user_id, revision=revision)
    notify(request, "Deleted.")
    return RedirectResponse(f"/versions/{version_id}", HTTPStatus.SEE_OTHER)


def _form_page(
    request: Request,
    database: Database,
    version: VersionView,
    rule: RuleView | None,
    form: RuleForm,
    problem: str | None = None,
    revision: str | None = None,
) -> Response:
    """Show the form; after a refusal it keeps what was typed and the revision that was read."""
    with database.session() as session:
        attributes, _ = phase_attributes(session, version.phase_id)
    return render(
        request,
        "rule_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        version=version,
        rule=rule,
        form=form,
        problem=problem,
        revision=revision or (rule.revision if rule else ""),
        attributes=attributes,
        manuals=[manual_of(check) for check in CATALOGUE.values()],
        dimensions=list(Dimension),
        severities=list(Severity),
    )


def _find(version: VersionView, rule_id: UUID) -> tuple[int, RuleView]:
    for place, rule in enumerate(version.rules):
        if rule.rule_id == rule_id:
            return place, rule
    raise NotFoundError(
        f"Version {version.phase_id}:{version.version_number} has no rule {rule_id}; it may have been deleted. "
        "Go back to the version's list of rules."
    )


def _to_rule(version_id: UUID, rule_id: UUID) -> Response:
    return RedirectResponse(f"/versions/{version_id}/rules/{rule_id}", HTTPStatus.SEE_OTHER)
