"""The earlier system's tables in both ages, beside a host's, and rows to put into them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.storage.enum_host import install_host

RULES = "cycle_report_data_profiling_rules"
VERSIONS = "cycle_report_data_profiling_rule_versions"
RESULTS = "cycle_report_data_profiling_results"

_SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")

_ARRAYS = {"sample_record_ids", "affected_columns"}
_ENUMS = {
    "profilingruletype": "COMPLETENESS VALIDITY ACCURACY CONSISTENCY UNIQUENESS TIMELINESS REGULATORY",
    "profilingrulestatus": "PENDING APPROVED REJECTED draft under_review needs_revision resubmitted",
    "rule_type_enum": "completeness validity accuracy consistency uniqueness format",
    "severity_enum": "low medium high critical",
    "decision_enum": "approved rejected request_changes",
    "rule_status_enum": "pending submitted approved rejected",
    "version_status_enum": "draft pending_approval approved rejected superseded",
    "profilingstatus": "pending queued running completed failed cancelled",
    "rulecategory": "completeness validity accuracy consistency uniqueness timeliness anomaly custom",
}
_ACCOUNT = "created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()"
_NAIVE = "created_at timestamp DEFAULT now(), updated_at timestamp DEFAULT now()"
_AUTHORS = "created_by_id integer, updated_by_id integer"

# Both ages have these.
_COMMON = {
    "data_profiling_phases": f"""phase_id serial PRIMARY KEY, cycle_id integer NOT NULL, report_id integer NOT NULL,
        status varchar(50) NOT NULL, started_by integer REFERENCES users, {_ACCOUNT}""",
    "cycle_report_data_profiling_files": f"""file_id serial PRIMARY KEY, phase_id integer NOT NULL,
        file_name varchar(255) NOT NULL, file_path text NOT NULL, file_size integer NOT NULL,
        file_format varchar(50) NOT NULL, row_count integer, column_count integer, columns_metadata json,
        uploaded_by integer NOT NULL REFERENCES users, uploaded_at timestamp NOT NULL, {_ACCOUNT}""",
    "cycle_report_data_profiling_attribute_scores": f"""score_id serial PRIMARY KEY, phase_id integer NOT NULL,
        attribute_id integer NOT NULL, overall_quality_score float, completeness_score float, validity_score float,
        accuracy_score float, total_values integer, null_count integer, unique_count integer, anomaly_count integer,
        testing_recommendation text, calculated_at timestamp NOT NULL, {_ACCOUNT}""",
}
_INTEGER_AGE = {
    RULES: f"""rule_id serial PRIMARY KEY, phase_id integer NOT NULL REFERENCES data_profiling_phases,
        attribute_id integer NOT NULL, rule_name varchar(255) NOT NULL, rule_type profilingruletype NOT NULL,
        rule_description text, rule_code text NOT NULL, rule_parameters json, llm_provider varchar(50),
        llm_rationale text, regulatory_reference text, status profilingrulestatus NOT NULL,
        approved_by integer REFERENCES users, approved_at timestamp, approval_notes text, is_executable boolean,
        execution_order integer, {_ACCOUNT}, version_number integer DEFAULT 1, is_current_version boolean DEFAULT true,
        business_key varchar(255) NOT NULL, effective_from timestamp, rejected_by integer, rejected_at timestamp,
        rejection_reason text, revision_notes text, cycle_id integer, report_id integer, created_by integer,
        updated_by integer, rule_logic text, expected_result text, severity varchar(50)""",
    RESULTS: f"""result_id serial PRIMARY KEY, phase_id integer NOT NULL REFERENCES data_profiling_phases,
        rule_id integer NOT NULL, attribute_id integer NOT NULL, execution_status varchar(50) NOT NULL,
        execution_time_ms integer, executed_at timestamp NOT NULL, passed_count integer, failed_count integer,
        total_count integer, pass_rate float, result_summary json, failed_records json, result_details text,
        quality_impact float, severity varchar(50), has_anomaly boolean, anomaly_description text,
        anomaly_marked_by integer, anomaly_marked_at timestamp, {_ACCOUNT}""",
    VERSIONS: f"""rule_version_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), rule_id uuid NOT NULL,
        cycle_id integer NOT NULL, report_id integer NOT NULL, attribute_id integer NOT NULL,
        rule_type varchar(50) NOT NULL, rule_definition jsonb NOT NULL, rule_description text, threshold_value float,
        execution_status varchar(50), issues_found integer, {_ACCOUNT}, version_number integer NOT NULL,
        is_latest_version boolean NOT NULL, version_status varchar(50), approved_at timestamptz,
        approved_by varchar(255)""",
}
_UUID_AGE = {
    VERSIONS: f"""version_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), phase_id integer NOT NULL
        REFERENCES workflow_phases, workflow_activity_id integer, version_number integer NOT NULL,
        version_status version_status_enum NOT NULL DEFAULT 'draft',
        parent_version_id uuid, workflow_execution_id varchar(255), workflow_run_id varchar(255),
        total_rules integer NOT NULL DEFAULT 0, approved_rules integer NOT NULL DEFAULT 0,
        rejected_rules integer NOT NULL DEFAULT 0, planning_data_source_id integer, source_table_name varchar(255),
        source_file_path varchar(500), total_records_processed integer, overall_quality_score numeric(5,2),
        execution_job_id varchar(255), generation_job_id varchar(255), generation_status varchar(50),
        submitted_by_id integer, submitted_at timestamptz, approved_by_id integer,
        approved_at timestamptz, rejection_reason varchar(500), {_ACCOUNT}, created_by_id integer NOT NULL,
        updated_by_id integer NOT NULL, data_source_type varchar(50)""",
    RULES: f"""rule_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), version_id uuid NOT NULL, attribute_id integer NOT
    NULL,
        attribute_name varchar(255) NOT NULL, rule_name varchar(300) NOT NULL, rule_type rule_type_enum NOT NULL,
        rule_description text, rule_code text NOT NULL, rule_parameters jsonb, llm_provider varchar(50),
        llm_rationale text, llm_confidence_score numeric(5,2), regulatory_reference text,
        severity severity_enum NOT NULL DEFAULT 'medium', is_executable boolean DEFAULT true, execution_order integer,
        tester_decision decision_enum, tester_notes text, tester_decided_by integer, tester_decided_at timestamptz,
        report_owner_decision decision_enum, report_owner_notes text, report_owner_decided_by integer,
        report_owner_decided_at timestamptz, status rule_status_enum NOT NULL DEFAULT 'pending',
        last_execution_job_id varchar(255), {_ACCOUNT}, phase_id integer REFERENCES workflow_phases, {_AUTHORS}""",
    RESULTS: f"""result_id serial PRIMARY KEY, phase_id integer NOT NULL REFERENCES workflow_phases, rule_id uuid NOT
    NULL,
        attribute_id integer, execution_status varchar(50) NOT NULL, execution_time_ms integer,
        executed_at timestamp NOT NULL DEFAULT now(), passed_count integer, failed_count integer, total_count integer,
        pass_rate float, result_summary json, failed_records json, result_details text, quality_impact float,
        severity varchar(50), has_anomaly boolean DEFAULT false, anomaly_description text, anomaly_marked_by integer,
        anomaly_marked_at timestamp, {_NAIVE}, {_AUTHORS}""",
    "cycle_report_data_profiling_configurations": f"""id serial PRIMARY KEY, cycle_id integer NOT NULL,
        report_id integer NOT NULL, name varchar(255) NOT NULL, source_type varchar(50) NOT NULL,
        data_source_id integer, table_name varchar(255), {_NAIVE}, {_AUTHORS}""",
    "cycle_report_data_profiling_jobs": f"""id serial PRIMARY KEY, configuration_id integer NOT NULL
        REFERENCES cycle_report_data_profiling_configurations, job_id varchar(255) NOT NULL UNIQUE,
        status profilingstatus NOT NULL, started_at timestamp, completed_at timestamp, total_records bigint,
        data_quality_score float, error_message text, {_NAIVE}, {_AUTHORS}""",
    "cycle_report_attribute_profile_results": f"""id serial PRIMARY KEY, profiling_job_id integer NOT NULL
        REFERENCES cycle_report_data_profiling_jobs, attribute_id integer NOT NULL, total_values bigint,
        null_count bigint, distinct_count bigint, min_value float, max_value float, top_values json,
        completeness_score float, overall_quality_score float, anomaly_count integer, profiling_duration_ms integer,
        {_NAIVE}, {_AUTHORS}""",
    "cycle_report_anomaly_patterns_data_profiling": f"""id serial PRIMARY KEY, pattern_name varchar(255) NOT NULL,
        pattern_type varchar(50), pattern_config json NOT NULL, {_NAIVE}, {_AUTHORS}""",
    "profiling_jobs": f"""job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), cycle_id integer NOT NULL,
        report_id integer NOT NULL, job_name varchar(255) NOT NULL, strategy varchar(50) NOT NULL,
        source_type varchar(50) NOT NULL, source_config jsonb NOT NULL, status varchar(50) NOT NULL,
        start_time timestamptz, end_time timestamptz, {_ACCOUNT}, created_by integer, updated_by integer, {_AUTHORS},
        phase_id uuid""",
    "profiling_partitions": """partition_id uuid PRIMARY KEY, job_id uuid NOT NULL REFERENCES profiling_jobs,
        partition_index integer NOT NULL, status varchar(50) NOT NULL""",
    "profiling_rule_sets": f"""rule_set_id uuid PRIMARY KEY, job_id uuid NOT NULL, rule_set_name varchar(255) NOT NULL,
        category rulecategory NOT NULL, rules jsonb NOT NULL, rule_count integer NOT NULL,
        execution_order integer NOT NULL DEFAULT 1, {_ACCOUNT}, created_by integer, updated_by integer""",
    "partition_results": """result_id uuid PRIMARY KEY, partition_id uuid NOT NULL, rule_set_id uuid NOT NULL,
        records_evaluated integer NOT NULL, records_passed integer NOT NULL, records_failed integer NOT NULL,
        anomalies jsonb, anomaly_count integer NOT NULL DEFAULT 0, statistics jsonb, execution_time_ms integer,
        memory_used_mb integer""",
    "profiling_anomaly_patterns": f"""pattern_id uuid PRIMARY KEY, job_id uuid NOT NULL,
        pattern_type varchar(100) NOT NULL, confidence_score float, affected_columns text[], sample_record_ids text[],
        {_ACCOUNT}, created_by integer""",
    "profiling_cache": """cache_id uuid PRIMARY KEY, cache_key varchar(500) NOT NULL UNIQUE,
        cache_data jsonb NOT NULL""",
    "profiling_executions": f"""execution_id uuid PRIMARY KEY, cycle_id integer NOT NULL, report_id integer NOT NULL,
        execution_type varchar(50) NOT NULL, start_time timestamptz NOT NULL, status varchar(50) NOT NULL,
        profiling_criteria jsonb NOT NULL, total_records_profiled integer, execution_time_seconds integer,
        rules_passed integer, rules_failed integer, error_message text, {_ACCOUNT}, created_by integer,
        created_by_id integer""",
    "intelligent_sampling_jobs": "job_id uuid PRIMARY KEY, profiling_job_id uuid NOT NULL, status varchar(50) NOT NULL",
    "sample_pools": "pool_id uuid PRIMARY KEY, job_id uuid NOT NULL, total_candidates integer NOT NULL",
    "intelligent_samples": "sample_id uuid PRIMARY KEY, job_id uuid NOT NULL, pool_id uuid NOT NULL, record_data jsonb",
    "sampling_rules": "rule_id uuid PRIMARY KEY, report_id integer NOT NULL, rule_definition jsonb NOT NULL",
    "sample_lineage": "lineage_id uuid PRIMARY KEY, sample_id uuid NOT NULL, source_type varchar(50) NOT NULL",
}
AGES = {"integer": _COMMON | _INTEGER_AGE, "uuid": _COMMON | _UUID_AGE}


def an_id(name: str) -> str:
    """Return the same UUID for the same name."""
    return str(uuid5(_SPACE, name))


class LegacyDatabase:
    """A host's database with legacy tables of one age; rows are added by naming what they are about."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._held: psycopg.Connection[Any] | None = None

    @classmethod
    def build(cls, database: Database, age: str, only: Iterable[str] | None = None) -> "LegacyDatabase":
        """Create the host's tables and the legacy ones in an empty database."""
        install_host(database)
        legacy = cls(database)
        labels = {name: ", ".join(f"'{label}'" for label in words.split()) for name, words in _ENUMS.items()}
        legacy.run(
            *(f"CREATE TYPE {name} AS ENUM ({listed})" for name, listed in labels.items()),
            *(
                f"CREATE TABLE {name} ({columns})"
                for name, columns in AGES[age].items()
                if only is None or name in only
            ),
        )
        return legacy

    def close(self) -> None:
        """Close what is open, so that the database can be copied."""
        if self._held is not None:
            self._held.close()
        self.database.close()

    def add(self, table: str, **columns: Any) -> Any:
        """Insert one row and return the value of its first column."""
        values = [
            Jsonb(value) if isinstance(value, dict | list) and name not in _ARRAYS else value
            for name, value in columns.items()
        ]
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING *").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() for _ in columns),
        )
        return self._connection().execute(statement, values).fetchone()[0]

    def run(self, *statements: str) -> None:
        """Run statements as a superuser, triggers off, so that even history can be tampered with."""
        connection = self._connection()
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)
        connection.execute("SET session_replication_role = origin")

    def check(self, statement: str) -> None:
        """Run a statement as any program would."""
        self._connection().execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection().execute(query).fetchall()

    def value(self, query: str) -> Any:
        """Return the one value of a query."""
        ((value,),) = self.rows(query)
        return value

    def outcome(self, table: str, key: Any) -> tuple[str, str | None, dict[str, Any] | None]:
        """Return what the ledger says of one row: outcome, reason, detail."""
        ((outcome, reason, detail),) = self.rows(
            "SELECT outcome, reason, detail FROM legacy_migration_ledger JOIN legacy_migration_tables USING (table_id) "
            f"WHERE table_name = '{table}' AND legacy_key = '{key}'"
        )
        return outcome, reason, detail

    def execution(self, key: Any, table: str = RESULTS) -> dict[str, Any]:
        """Return the execution that a row became."""
        return self.value(
            "SELECT to_jsonb(e) FROM legacy_migration_ledger l JOIN legacy_migration_tables USING (table_id) "
            "JOIN cycle_report_data_profiling_rule_executions e ON e.execution_id = l.target_id "
            f"WHERE table_name = '{table}' AND legacy_key = '{key}'"
        )

    def rule(self, key: Any, table: str = RULES) -> dict[str, Any]:
        """Return the rule that a row became."""
        return self.value(
            "SELECT to_jsonb(r) FROM legacy_migration_ledger l JOIN legacy_migration_tables USING (table_id) "
            f"JOIN {RULES} r ON r.rule_id = l.target_id WHERE table_name = '{table}' AND legacy_key = '{key}'"
        )

    def version(self, key: Any, table: str = VERSIONS) -> dict[str, Any]:
        """Return the version that a row became."""
        return self.value(
            "SELECT to_jsonb(v) FROM legacy_migration_ledger l JOIN legacy_migration_tables USING (table_id) "
            f"JOIN {VERSIONS} v ON v.version_id = l.target_id WHERE table_name = '{table}' AND legacy_key = '{key}'"
        )

    def _connection(self) -> psycopg.Connection[Any]:
        if self._held is None or self._held.closed:
            self._held = psycopg.connect(self._url, autocommit=True)
        return self._held
