"""The legacy tables: the names each one goes by, how to tell it, and what becomes of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a legacy table holds; the value is the table's name in the migration plan."""

    RULES = "cycle_report_data_profiling_rules"
    RULE_SETS = "profiling_rule_sets"
    VERSIONS = "cycle_report_data_profiling_rule_versions"
    RULE_HISTORY = "cycle_report_data_profiling_rule_versions (one row a rule)"
    VOLUME_JOBS = "profiling_jobs"
    JOBS = "cycle_report_data_profiling_jobs"
    CONFIGURATIONS = "cycle_report_data_profiling_configurations"
    RESULTS = "cycle_report_data_profiling_results"
    ATTRIBUTE_RESULTS = "cycle_report_attribute_profile_results"
    ATTRIBUTE_SCORES = "cycle_report_data_profiling_attribute_scores"
    PARTITION_RESULTS = "partition_results"
    EXECUTIONS = "profiling_executions"
    PATTERN_DEFINITIONS = "cycle_report_anomaly_patterns_data_profiling"
    PATTERNS = "profiling_anomaly_patterns"
    FILES = "cycle_report_data_profiling_files"
    PARTITIONS = "profiling_partitions"
    CACHE = "profiling_cache"
    PHASES = "data_profiling_phases"
    SAMPLING_JOBS = "intelligent_sampling_jobs"
    SAMPLE_POOLS = "sample_pools"
    SAMPLES = "intelligent_samples"
    SAMPLING_RULES = "sampling_rules"
    SAMPLE_LINEAGE = "sample_lineage"
    ACCESS_LOGS = "secure_data_access_logs"


@dataclass(frozen=True)
class LegacyKind:
    """How a kind of table is found, and its destination in words.

    `needs` are columns that tell it from other tables of the same name. `kept_because` is there for tables whose rows
    stay in the archive.
    """

    names: tuple[str, ...]
    needs: frozenset[str]
    becomes: str
    kept_because: str | None = None
    moves: bool = True


_IN_ARCHIVE = "kept in the archive"


def _kept(name: str, *other_names: str, needs: str, because: str) -> LegacyKind:
    return LegacyKind((name, *other_names), frozenset(needs.split()), _IN_ARCHIVE, because)


def _moved(*names: str, needs: str, becomes: str) -> LegacyKind:
    return LegacyKind(names, frozenset(needs.split()), becomes)


LEGACY: Mapping[Kind, LegacyKind] = {
    Kind.PHASES: _kept(
        "data_profiling_phases", needs="phase_id cycle_id report_id", because="its phases are those of workflow_phases"
    ),
    Kind.CONFIGURATIONS: _moved(
        "cycle_report_data_profiling_configurations", "data_profiling_configurations",
        needs="id cycle_id report_id source_type", becomes="the data source of the version of its job",
    ),
    Kind.JOBS: _moved(
        "cycle_report_data_profiling_jobs", "data_profiling_jobs",
        needs="id configuration_id status", becomes="a version, where the job has none",
    ),
    Kind.VOLUME_JOBS: _moved(
        "profiling_jobs", "cycle_report_data_profiling_highvolume_jobs",
        needs="job_id cycle_id report_id strategy", becomes="a version, where the job has none",
    ),
    Kind.VERSIONS: _moved(
        "cycle_report_data_profiling_rule_versions", "data_profiling_rule_versions",
        needs="version_id phase_id version_number version_status", becomes="versions",
    ),
    Kind.RULE_HISTORY: _moved(
        "cycle_report_data_profiling_rule_versions", "data_profiling_rule_versions",
        needs="rule_version_id rule_id rule_definition", becomes="rules of reconstructed versions",
    ),
    Kind.RULES: _moved(
        "cycle_report_data_profiling_rules", "profiling_rules",
        needs="rule_id attribute_id rule_name rule_code status", becomes="rules of a version",
    ),
    Kind.RULE_SETS: _moved(
        "profiling_rule_sets", "cycle_report_data_profiling_highvolume_rule_sets",
        needs="rule_set_id job_id rules", becomes="rules of the version of its job",
    ),
    Kind.RESULTS: _moved(
        "cycle_report_data_profiling_results", "profiling_results",
        needs="result_id phase_id rule_id passed_count", becomes="executions of its rule",
    ),
    Kind.ATTRIBUTE_RESULTS: _moved(
        "cycle_report_attribute_profile_results", "attribute_profile_results",
        "cycle_report_data_profiling_attribute_results",
        needs="id profiling_job_id attribute_id null_count", becomes="executions of a not_null rule of its attribute",
    ),
    Kind.ATTRIBUTE_SCORES: _moved(
        "cycle_report_data_profiling_attribute_scores", "attribute_profiling_scores",
        needs="score_id phase_id attribute_id", becomes="executions of a not_null rule of its attribute",
    ),
    Kind.PARTITION_RESULTS: _moved(
        "partition_results", needs="result_id partition_id rule_set_id", becomes="executions of its rule set",
    ),
    Kind.EXECUTIONS: _moved(
        "profiling_executions", "cycle_report_data_profiling_highvolume_executions",
        needs="execution_id cycle_id report_id profiling_criteria", becomes="executions, where they name an attribute",
    ),
    Kind.PATTERNS: _moved(
        "profiling_anomaly_patterns", needs="pattern_id job_id pattern_type",
        becomes="anomaly details of an execution of its job",
    ),
    Kind.PATTERN_DEFINITIONS: _kept(
        "cycle_report_anomaly_patterns_data_profiling", "profiling_anomaly_patterns",
        needs="id pattern_name pattern_config", because="a learned pattern names no job, so no execution it belongs to",
    ),
    Kind.FILES: _kept(
        "cycle_report_data_profiling_files", "data_profiling_files", needs="file_id phase_id",
        because="a file is the planning data source's own; matched to it",
    ),
    Kind.PARTITIONS: _kept(
        "profiling_partitions", "cycle_report_data_profiling_highvolume_partitions",
        needs="partition_id job_id partition_index", because="how work was divided; its results are executions",
    ),
    Kind.CACHE: _kept(
        "profiling_cache", "cycle_report_data_profiling_highvolume_cache",
        needs="cache_id cache_key", because="copies of what was computed",
    ),
    Kind.SAMPLING_JOBS: _kept(
        "intelligent_sampling_jobs", needs="job_id profiling_job_id", because="sampling is no part of profiling here",
    ),
    Kind.SAMPLE_POOLS: _kept(
        "sample_pools", needs="pool_id job_id", because="sampling is no part of profiling here",
    ),
    Kind.SAMPLES: _kept(
        "intelligent_samples", needs="sample_id job_id pool_id", because="sampling is no part of profiling here",
    ),
    Kind.SAMPLING_RULES: _kept(
        "sampling_rules", needs="rule_id report_id rule_definition", because="sampling is no part of profiling here",
    ),
    Kind.SAMPLE_LINEAGE: _kept(
        "sample_lineage", needs="lineage_id sample_id", because="sampling is no part of profiling here",
    ),
    Kind.ACCESS_LOGS: LegacyKind(
        ("secure_data_access_logs",), frozenset({"access_id", "user_id"}), "stays where it is",
        "the access log goes on in place", moves=False,
    ),
}  # fmt: skip
