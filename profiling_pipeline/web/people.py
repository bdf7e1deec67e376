"""Names of the people whom a version's rows know by their ids."""

from collections.abc import Iterable

from profiling_pipeline.errors import NotFoundError
from profiling_pipeline.services.users import get_user
from profiling_pipeline.services.versions import RuleView, VersionView
from profiling_pipeline.storage.database import Database


def version_people(database: Database, version: VersionView) -> dict[int, str]:
    """Return the names of all who had to do with a version, by user id."""
    ids = {version.created_by_id, version.submitted_by_id, version.approved_by_id}
    return names(database, ids.union(*(_ids(rule) for rule in version.rules)))


def rule_people(database: Database, rule: RuleView) -> dict[int, str]:
    """Return the names of all who had to do with a rule, by user id."""
    return names(database, _ids(rule))


def _ids(rule: RuleView) -> set[int | None]:
    return {rule.tester_decided_by, rule.report_owner_decided_by, rule.created_by_id, rule.updated_by_id}


def names(database: Database, user_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of users by their ids."""
    return {user_id: _name(database, user_id) for user_id in user_ids if user_id is not None}


def _name(database: Database, user_id: int) -> str:
    try:
        return get_user(database, user_id).name
    except NotFoundError:  # a host application may have removed the person
        return f"user {user_id}"
