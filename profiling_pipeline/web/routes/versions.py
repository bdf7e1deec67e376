"""A rule version: its rules, the decisions on them, and the steps of the review."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from profiling_pipeline.approval.lifecycle import Decision, Person, Step
from profiling_pipeline.approval.oversight import is_overseer
from profiling_pipeline.exchange.formats import FORMATS
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.services.dry_runs import try_version
from profiling_pipeline.services.exchange import export_version
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.services.versions import get_version, resolve_version
from profiling_pipeline.web.pages import notify, render, words
from profiling_pipeline.web.people import version_people
from profiling_pipeline.web.permissions import permissions, require_step
from profiling_pipeline.web.rule_filter import (
    STATES,
    UNDECIDED,
    RuleFilter,
    decision_counts,
    decision_on,
    filter_of_query,
    rule_filter,
)
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser, current_settings

router = APIRouter(prefix="/versions")

Revision = Annotated[str, Form()]
Notes = Annotated[str, Form()]


@router.get("/{ref}")
def version_page(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    ref: str,
    chosen: Annotated[RuleFilter, Depends(rule_filter)],
) -> Response:
    """Show a version, named by its id, the beginning of it, or PHASE:NUMBER."""
    version_id = resolve_version(database, ref)
    if ref != str(version_id):
        return _to_version(version_id, chosen)
    version = get_version(database, version_id)
    listed = chosen.listed(version)
    return render(
        request,
        "version.html",
        version=version,
        rules=listed,
        undecided=decision_counts(listed, version.version_status)[UNDECIDED],
        chosen=chosen,
        states=STATES,
        dimensions=sorted({rule.rule_type for rule in version.rules}),
        counts=decision_counts(version.rules, version.version_status),
        decision_on=decision_on,
        allowed=permissions(version, user),
        people=version_people(database, version),
        sensitivities=list(Sensitivity),
        may_oversee=is_overseer(Person(user.user_id, user.role, user.is_active)),
        formats=FORMATS.values(),
    )


@router.get("/{version_id}/export/{name}")
def export(database: CurrentDatabase, user: SignedInUser, version_id: UUID, name: FormatName) -> Response:
    """Send a version's rules as a file in one of the formats."""
    exported = export_version(database, version_id, name)
    version = get_version(database, version_id)
    filename = f"version-{version.phase_id}-{version.version_number}-{name}{FORMATS[name].suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(exported.text, media_type=FORMATS[name].media_type, headers=headers)


@router.post("/{version_id}/trial")
def try_on_data(request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID) -> Response:
    """Try a version's rules on the data as they are now."""
    require_step(Step.CHANGE_RULES, get_version(database, version_id), user)
    count = try_version(database, current_settings(request), version_id, user.user_id)
    notify(request, f"Tried {counted(count, 'rule')} on the data.")
    return _to_version(version_id)


@router.post("/{version_id}/decisions")
def decide_all(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    decision: Annotated[Decision, Form()],
    revision: Revision,
    notes: Notes = "",
    query: Annotated[str, Form()] = "",
) -> Response:
    """Decide alike on all listed rules that the user's side has not decided on, and go back to the list as it was."""
    chosen = filter_of_query(query)
    listed = {rule.rule_id for rule in chosen.listed(get_version(database, version_id))}
    count = ReviewService(database).decide_all(
        version_id, user.user_id, decision, notes or None, rule_ids=listed, revision=revision
    )
    notify(request, f"Decided on {counted(count, 'rule')}: {words(decision)}.")
    return _to_version(version_id, chosen)


@router.post("/{version_id}/rules/{rule_id}/decision")
def decide(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    rule_id: UUID,
    decision: Annotated[Decision, Form()],
    revision: Revision,
    notes: Notes = "",
    query: Annotated[str, Form()] = "",
    anchor: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Decide on one rule, and go back to the list as it was."""
    ReviewService(database).decide(rule_id, user.user_id, decision, notes or None, revision=revision)
    notify(request, f"Decided: {words(decision)}.")
    return _to_version(version_id, filter_of_query(query), anchor or rule_id)


@router.post("/{version_id}/submission")
def submit(
    request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID, revision: Revision
) -> Response:
    """Hand a draft over to the report owner."""
    ReviewService(database).submit(version_id, user.user_id, revision=revision)
    notify(request, "Submitted. A report owner can now approve it or send it back.")
    return _to_version(version_id)


@router.post("/{version_id}/approval")
def approve(
    request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID, revision: Revision
) -> Response:
    """Approve a submitted version."""
    ReviewService(database).approve(version_id, user.user_id, revision=revision)
    notify(request, "Approved. The approval sensor has it executed within seconds while Dagster's daemon runs.")
    return _to_version(version_id)


@router.post("/{version_id}/rejection")
def reject(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    revision: Revision,
    reason: Notes = "",
) -> Response:
    """Send a submitted version back."""
    ReviewService(database).reject(version_id, user.user_id, reason, revision=revision)
    notify(request, "Sent back. A tester can revise it.")
    return _to_version(version_id)


@router.post("/{version_id}/revision")
def revise(
    request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID, revision: Revision
) -> Response:
    """Make a new draft of a rejected or approved version, and show that."""
    draft_id = ReviewService(database).revise(version_id, user.user_id, revision=revision)
    notify(request, "This is the new draft. Rules that the report owner approved keep the tester's approval.")
    return _to_version(draft_id)


def _to_version(version_id: UUID, chosen: RuleFilter | None = None, rule_id: UUID | None = None) -> Response:
    query = f"?{chosen.query}" if chosen is not None and chosen.query else ""
    anchor = f"#rule-{rule_id}" if rule_id is not None else ""
    return RedirectResponse(f"/versions/{version_id}{query}{anchor}", HTTPStatus.SEE_OTHER)
