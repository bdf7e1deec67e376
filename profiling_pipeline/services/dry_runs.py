"""Rules of a draft tried on the data before anybody decides on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from profiling_pipeline.approval.lifecycle import Step, check_step
from profiling_pipeline.errors import ConfigurationError, NotFoundError, RuleError, SourceError
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.execution_records import SourceState, outcome_from_row, outcome_values, source_of_row
from profiling_pipeline.services.phases import PlannedSource, open_planned_source
from profiling_pipeline.services.proposals import MOST_EXAMPLES
from profiling_pipeline.services.rule_rows import rule_from_row
from profiling_pipeline.services.steps import clock, version_step
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleDryRunRow, RuleRow
