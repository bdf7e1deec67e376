"""Legacy tables full of rows: all 23 of the uuid age, made by the server from a seed.

Irregularities come as often as they were met in the field: 195 of 655 results are critical, 225 are failures stored as
successes, 40 count nothing of 1,000 rows, and so on. What was never met, for there were no such rows (names that repeat
or are too long, people who are gone), is rare here. A rule is gone for 1 result in 100.
"""

from dataclasses import dataclass
from string import Template

from profiling_pipeline_tests.legacy_migration.legacy_tables import LegacyDatabase

ATTRIBUTES = 118  # of a report
VERSIONS = 25  # of a phase
RULES = 40  # of a version
PEOPLE = 24
_AT_ONCE = 2_500  # versions

_DICE = """
CREATE OR REPLACE FUNCTION dice(n bigint, salt integer, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
    'SELECT ((hashint8extended(n, $seed * 1000 + salt) & 9223372036854775807) % sides)::integer';
CREATE OR REPLACE FUNCTION an_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    'SELECT md5(kind || '':'' || n || '':$seed'')::uuid';
"""
_HOST = """
INSERT INTO users (first_name, last_name, email, role, is_active, hashed_password)
SELECT 'Person', n::text, 'person' || n || '@example.invalid', (ARRAY['Tester', 'Report Owner'])[1 + n %
    2]::user_role_enum,
    true, 'none' FROM generate_series(1, $people) n;
INSERT INTO workflow_phases (phase_id, cycle_id, report_id, phase_name, status)
SELECT 2 * n - (name = 'Planning')::integer, n, 1 + n % 21, name::workflow_phase_enum, 'In Progress'
FROM generate_series(1, $phases) n, unnest(ARRAY['Planning', 'Data Profiling']) name;
INSERT INTO cycle_report_planning_attributes (id, attribute_name, data_type, phase_id,
    information_security_classification)
SELECT (n - 1) * $attributes + k, 'Attribute ' || k || (ARRAY['', ' Limit', ' rate'])[1 + k % 3],
    (ARRAY['String', 'Decimal', 'Date', 'Integer'])[1 + k % 4]::data_type_enum, 2 * n - 1,
    (ARRAY['Public', 'Internal', 'HRCI'])[1 + k % 3]::security_classification_enum
FROM generate_series(1, $phases) n, generate_series(1, $attributes) k;
INSERT INTO cycle_report_planning_data_sources (id, name, source_type, phase_id, connection_config)
SELECT n, 'DS ' || n, 'POSTGRESQL', 2 * n - 1, '{"host": "warehouse"}' FROM generate_series(1, $phases) n;
INSERT INTO cycle_report_planning_pde_mappings (attribute_id, data_source_id, pde_code, source_field, phase_id)
SELECT id, (phase_id + 1) / 2, 'column_' || k, CASE WHEN k % 46 > 0 THEN 'public.loans.column_' || k END, phase_id
FROM (SELECT id, phase_id, 1 + (id - 1) % $attributes AS k FROM cycle_report_planning_attributes) a WHERE k % 47 > 0;
"""
_VERSIONS = """
INSERT INTO cycle_report_data_profiling_rule_versions (version_id, phase_id, version_number, version_status,
    parent_version_id, total_rules, approved_rules, overall_quality_score, execution_job_id, generation_job_id,
    generation_status, submitted_by_id, submitted_at, approved_by_id, approved_at, created_at, updated_at,
    created_by_id, updated_by_id, data_source_type)
SELECT an_id('version', n), phase_id, v + v / 8, status::version_status_enum,
    CASE WHEN v > 1 AND dice(n, 2, 2) = 0 THEN an_id('version', n - 1) END, CASE WHEN dice(n, 3, 29) < 6 THEN $rules
        ELSE 0 END,
    0, CASE status WHEN 'approved' THEN 999.99 END, CASE status WHEN 'approved' THEN an_id('job', n)::text END,
    an_id('generation', n)::text, 'completed',
    CASE WHEN status <> 'draft' THEN 1 END, CASE WHEN status <> 'draft' THEN at END,
    CASE WHEN status <> 'draft' THEN 1 + dice(n, 4, 2) END, CASE WHEN status <> 'draft' THEN at END, at, at,
    1 + dice(n, 5, $people), 1, CASE WHEN dice(n, 6, 29) < 24 THEN 'file_upload' END
FROM (
    SELECT (p - 1) * $versions + v AS n, 2 * p AS phase_id, v, timestamptz '2025-03-01Z' + v * interval '5 days' AS at,
        (ARRAY['approved', 'superseded', 'draft'])[1 + (r > 1)::integer + (r > 5)::integer] AS status
    FROM generate_series(1, $phases) p, generate_series(1, $versions) v,
        LATERAL (SELECT dice((p - 1) * $versions + v, 1, 29) AS r) d
) s;
"""
# The texts are of the kinds and the lengths of real ones; $number is one that varies, 1 text in 50 is like no other.
_BODIES = (
    "failed = df[column_name].isnull().sum()",
    "failed = (df[column_name].isnull() | (df[column_name].astype(str).str.strip() == '')).sum()",
    "values = pd.to_numeric(df[column_name], errors='coerce')\n"
    "    failed = ((values < 0) | (values > $number00)).sum()",
    "failed = (~df[column_name].astype(str).str.match(r'^[A-Z]{2}[0-9]{$number}$')).sum()",
    "valid_values = set(range(1, $number))\n    failed = (~df[column_name].isin(valid_values)).sum()",
    "failed = df[column_name].duplicated().sum()",
    "failed = (df[column_name].astype(str).str.len() > $number).sum()",
    "dates = pd.to_datetime(df[column_name], errors='coerce')\n    low, high = pd.Timestamp('20$number-01-01'), "
    "pd.Timestamp('2024-12-31')\n    failed = ((dates < low) | (dates > high)).sum()",
    "shares = df[column_name].value_counts(normalize=True)\n    failed = total if shares.iloc[0] > 0.$number else 0",
    "failed = (df[column_name] > $number * df['original_limit']).sum()",
    "def decimals(value):\n        text = str(value)\n        return len(text.split('.')[1]) if '.' in text else 0\n"
    "    failed = df[column_name].apply(lambda value: decimals(value) > $number).sum()",
)
_TEXT = """\
def check_rule(df, column_name):
    total = len(df)
    $body
    passed = total - failed
    return {'passed': passed, 'failed': failed, 'total': total, 'pass_rate': (passed/total)*100 if total > 0 else 0}"""
_RULES = """
INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, attribute_id, attribute_name, rule_name, rule_type,
    rule_description, rule_code, llm_provider, llm_rationale, llm_confidence_score, severity, is_executable,
    execution_order, tester_decision, tester_decided_by, tester_decided_at, report_owner_decision,
    report_owner_decided_by, report_owner_decided_at, status, phase_id, created_at, updated_at, created_by_id,
    updated_by_id)
SELECT an_id('rule', n), v.version_id, s.attribute_id, 'Attribute ' || k || (ARRAY['', ' Limit', ' rate'])[1 + k % 3],
    CASE WHEN dice(n, 12, 10000) = 0 THEN repeat('A very long name ', 17) WHEN dice(n, 12, 1000) = 1 THEN 'Check'
        ELSE 'Attribute ' || k || ' check ' || j END,
    (ARRAY['completeness', 'validity', 'validity', 'uniqueness', 'accuracy', 'format'])[1 + dice(n, 13,
        6)]::rule_type_enum,
    'Checks attribute ' || k || ' of the report as the regulation asks.', $rule_text, 'claude',
    'The attribute stands in a regulatory report and has to be right for it, as examiners look at it.',
    0.85 + dice(n, 14, 15) / 100.0,
    (ARRAY['critical', 'high', 'high', 'medium'])[1 + dice(n, 15, 4)]::severity_enum,
    CASE WHEN dice(n, 16, 10) > 0 THEN true END, CASE WHEN dice(n, 16, 10) > 1 THEN j END,
    CASE WHEN decided < 8 THEN 'approved' WHEN decided = 8 THEN 'rejected' END::decision_enum,
    CASE WHEN decided < 9 THEN CASE WHEN dice(n, 17, 500) = 0 THEN 999 ELSE 1 END END,
    CASE WHEN decided < 9 THEN v.updated_at END,
    CASE WHEN decided < 8 AND v.version_status <> 'draft' AND dice(n, 18, 2) = 0 THEN 'approved' END::decision_enum,
    CASE WHEN decided < 8 AND v.version_status <> 'draft' AND dice(n, 18, 2) = 0 THEN 2 END,
    CASE WHEN decided < 8 AND v.version_status <> 'draft' AND dice(n, 18, 2) = 0 THEN v.updated_at END,
    CASE WHEN v.version_status = 'draft' THEN 'pending' WHEN decided < 8 THEN 'approved' WHEN decided = 8 THEN
        'rejected'
        ELSE 'pending' END::rule_status_enum,
    v.phase_id, v.created_at, v.updated_at, 1 + dice(n, 19, $people), 1
FROM (
    SELECT n, j, k, v, (v - 1) / $versions * $attributes + k AS attribute_id, dice(n, 11, 10) AS decided
    FROM (
        SELECT (v - 1)::bigint * $rules + j AS n, v, j, 1 + (j * 7 + v % $versions / 5) % $attributes AS k
        FROM generate_series($first, $last) v, generate_series(1, $rules) j
    ) numbered
) s
JOIN cycle_report_data_profiling_rule_versions v ON v.version_id = an_id('version', s.v);
"""
# A rule's text changed in place for 3 rules of 41; a result's form and counts go by one throw of a die of 655 sides.
_RESULTS = """
INSERT INTO cycle_report_data_profiling_results (result_id, phase_id, rule_id, attribute_id, execution_status,
    execution_time_ms, executed_at, passed_count, failed_count, total_count, pass_rate, result_summary, result_details,
    quality_impact, severity, has_anomaly, created_at, created_by_id, updated_at, updated_by_id)
SELECT result_id, phase_id, CASE WHEN dice(n, 21, 100) = 0 THEN an_id('gone', n) ELSE rule_id END, attribute_id,
    CASE WHEN throw BETWEEN 325 AND 344 THEN 'failed' ELSE 'success' END, dice(result_id, 22, 300),
    executed_at, passed, failed, total,
    CASE WHEN passed + failed = 0 THEN 0 WHEN throw < 60 THEN passed::float / total WHEN throw = 654 THEN 100.0999
        ELSE passed * 100.0 / total END,
    CASE WHEN throw BETWEEN 325 AND 344 THEN NULL WHEN throw < 325 AND throw >= 100 THEN '"{}"'
        ELSE to_json(format('{"completeness": %s, "accuracy": %s, "validity": %s}', round(dice(result_id, 23, 10000) /
            100.0, 2),
            round(dice(result_id, 24, 11000) / 100.0 - 10, 2), round(dice(result_id, 25, 11000) / 100.0 - 10, 2))) END,
    CASE WHEN throw < 100 THEN NULL WHEN throw < 325 THEN '{"metadata": {}, "anomaly_details": [], '
            '"statistical_summary": {}, "execution_engine": "unknown", "data_source": null, "source_type": null, '
            '"pde_code": null, "source_field": null, "dataframe_shape": null, "execution_mode": "real"}'
        WHEN throw < 345 THEN 'name ''json'' is not defined'
        ELSE format('{"metadata": {"data_source": "DS %1$s", "source_type": "postgresql", "pde_code": "column_%2$s", '
            '"source_field": "public.loans.column_%2$s", "execution_engine": "pandas", "dataframe_shape": "1001 rows x '
            '4 columns", "rule_code_executed": %3$s}, "anomaly_details": [], "statistical_summary": {"mean": %4$s, '
            '"median": %5$s, "std_dev": 1.1086609622103276, "min": 0.0, "max": %4$s}, "execution_engine": "pandas", '
            '"data_source": "DS %1$s", "source_type": "postgresql", "pde_code": "column_%2$s", "source_field": '
            '"public.loans.column_%2$s", "dataframe_shape": "1001 rows x 4 columns", "execution_mode": "real"}',
            phase_id / 2, 1 + (attribute_id - 1) % $attributes,
            to_json(rule_code || CASE WHEN run = 1 AND dice(n, 26, 41) < 3 THEN chr(10) ELSE '' END),
            round(dice(result_id, 27, 100000) / 100.0, 2), round(dice(result_id, 28, 1000) / 10.0, 1)) END,
    CASE WHEN throw BETWEEN 325 AND 344 THEN NULL ELSE round(dice(result_id, 23, 10000) / 100.0, 2) END,
    severity::text, false, executed_at - interval '4 hours', 3, executed_at - interval '4 hours', 3
FROM (
    SELECT s.*, CASE WHEN throw = 654 THEN 1002 WHEN throw BETWEEN 100 AND 410 THEN 0
            ELSE 1001 - failing END AS passed,
        CASE WHEN throw = 654 THEN -1 WHEN throw BETWEEN 100 AND 410 THEN 0
            ELSE failing END AS failed,
        CASE WHEN throw BETWEEN 100 AND 344 THEN 0 WHEN throw BETWEEN 345 AND 384 THEN 1000
            WHEN throw BETWEEN 385 AND 410 THEN 100000 ELSE 1001 END AS total
    FROM (
        SELECT (n - 1) * $runs + run AS result_id, n, run, r.rule_id, r.phase_id, r.attribute_id, r.severity,
            r.rule_code,
            dice((n - 1) * $runs + run, 20, 655) AS throw, dice((n - 1) * $runs + run, 29, 3) * dice(n, 30, 300) AS
                failing,
            timestamp '2025-01-01' + (n - 1) / $rules % $versions * interval '5 days' + run * interval '12 hours'
                + (n - 1) % $rules * interval '40 ms' AS executed_at
        FROM generate_series(($first - 1)::bigint * $rules + 1, $last::bigint * $rules) n
        JOIN cycle_report_data_profiling_rules r ON r.rule_id = an_id('rule', n), generate_series(1, $runs) run
    ) s
) c;
"""
_JOBS = """
INSERT INTO cycle_report_data_profiling_configurations (id, cycle_id, report_id, name, source_type, data_source_id)
SELECT n, n, 1 + n % 21, 'Plan ' || n, 'database_direct', n FROM generate_series(1, $phases) n;
INSERT INTO cycle_report_data_profiling_jobs (id, configuration_id, job_id, status, completed_at, total_records,
    created_by_id)
SELECT n, 1 + (n - 1) % $phases, CASE WHEN n % 2 = 0 THEN an_id('job', n) ELSE an_id('own job', n) END::text,
    (ARRAY['completed', 'completed', 'failed'])[1 + n % 3]::profilingstatus, timestamp '2025-05-01' + n * interval
        '1 hour',
    1001, 3 FROM generate_series(1, $phases * 2) n;
INSERT INTO cycle_report_attribute_profile_results (profiling_job_id, attribute_id, total_values, null_count,
    distinct_count, min_value, max_value, top_values, completeness_score, overall_quality_score, anomaly_count)
SELECT 1 + (id - 1) / $attributes, id, 1001, dice(id, 31, 100), dice(id, 32, 1000), 0, dice(id, 33, 1000), '[1, 2, 3]',
    dice(id, 34, 10000) / 100.0, dice(id, 35, 10000) / 100.0, dice(id, 36, 3) FROM cycle_report_planning_attributes;
INSERT INTO data_profiling_phases (cycle_id, report_id, status) SELECT n, 1 + n % 21, 'Complete'
FROM generate_series(1, $phases) n;
INSERT INTO cycle_report_data_profiling_attribute_scores (phase_id, attribute_id, overall_quality_score, total_values,
    null_count, calculated_at)
SELECT 1 + (id - 1) / $attributes, id, dice(id, 37, 10000) / 100.0, 1001, dice(id, 38, 100), timestamp '2025-05-02'
FROM cycle_report_planning_attributes WHERE id % 4 = 0;
INSERT INTO cycle_report_data_profiling_files (phase_id, file_name, file_path, file_size, file_format, row_count,
    column_count, uploaded_by, uploaded_at)
SELECT n, 'loans.csv', 'uploads/loans.csv', 600000, 'csv', 2000, 118, 3, timestamp '2025-05-01'
FROM generate_series(1, $phases) n;
"""
_VOLUME = """
INSERT INTO profiling_jobs (job_id, cycle_id, report_id, job_name, strategy, source_type, source_config, status,
    end_time)
SELECT an_id('volume', n), n, 1 + n % 21, 'Volume ' || n, 'full_scan', 'csv_upload', '{}', 'completed',
    timestamptz '2025-05-03Z' FROM generate_series(1, $phases) n;
INSERT INTO profiling_partitions (partition_id, job_id, partition_index, status)
SELECT an_id('partition', n * 10 + k), an_id('volume', n), k, 'done' FROM generate_series(1, $phases) n,
    generate_series(0, 3) k;
INSERT INTO profiling_rule_sets (rule_set_id, job_id, rule_set_name, category, rules, rule_count)
SELECT an_id('set', n * 10 + k), an_id('volume', n), 'Set ' || k,
    (ARRAY['completeness', 'timeliness', 'anomaly'])[1 + k % 3]::rulecategory,
    jsonb_build_array(jsonb_build_object('name', 'Is there', 'attribute_id', (n - 1) * $attributes + k,
        'code', 'df[column_name].notnull()')), 1
FROM generate_series(1, $phases) n, generate_series(1, 3) k;
INSERT INTO partition_results (result_id, partition_id, rule_set_id, records_evaluated, records_passed, records_failed)
SELECT an_id('partition result', n * 100 + k * 10 + i), an_id('partition', n * 10 + i), an_id('set', n * 10 + k), 1000,
    1000 - dice(n * 100 + k * 10 + i, 41, 50), dice(n * 100 + k * 10 + i, 41, 50)
FROM generate_series(1, $phases) n, generate_series(1, 3) k, generate_series(0, 3) i;
INSERT INTO profiling_anomaly_patterns (pattern_id, job_id, pattern_type, sample_record_ids)
SELECT an_id('pattern', n), an_id('volume', n), 'spike', ARRAY['4711'] FROM generate_series(1, $phases) n;
INSERT INTO profiling_executions (execution_id, cycle_id, report_id, execution_type, start_time, status,
    profiling_criteria, total_records_profiled, rules_passed, rules_failed)
SELECT an_id('execution', n), n, 1 + n % 21, 'full', timestamptz '2025-05-03Z', 'completed',
    CASE WHEN n % 3 > 0 THEN jsonb_build_object('attribute_id', (n - 1) * $attributes + 1) ELSE '{"all": true}' END,
    1000, 3, n % 2 FROM generate_series(1, $phases) n;
"""
_KEPT = """
INSERT INTO profiling_cache (cache_id, cache_key, cache_data) SELECT an_id('cache', n), 'key ' || n, '{"rows": 1001}'
FROM generate_series(1, $phases) n;
INSERT INTO cycle_report_anomaly_patterns_data_profiling (pattern_name, pattern_config)
SELECT 'Spike ' || n, '{"threshold": 3}' FROM generate_series(1, 20) n;
INSERT INTO intelligent_sampling_jobs (job_id, profiling_job_id, status) SELECT an_id('sampling', n), an_id('volume',
    n),
    'done' FROM generate_series(1, $phases) n;
INSERT INTO sample_pools (pool_id, job_id, total_candidates) SELECT an_id('pool', n), an_id('sampling', n), 10
FROM generate_series(1, $phases) n;
INSERT INTO intelligent_samples (sample_id, job_id, pool_id, record_data)
SELECT an_id('sample', n * 10 + k), an_id('sampling', n), an_id('pool', n), jsonb_build_object('column_1', n,
    'column_2', k)
FROM generate_series(1, $phases) n, generate_series(0, 9) k;
INSERT INTO sampling_rules (rule_id, report_id, rule_definition) SELECT an_id('sampling rule', n), 1 + n % 21, '{}'
FROM generate_series(1, 100) n;
INSERT INTO sample_lineage (lineage_id, sample_id, source_type) SELECT an_id('lineage', n), an_id('sample', n * 10),
    'table' FROM generate_series(1, $phases) n;
INSERT INTO secure_data_access_logs (access_id, user_id, table_name, column_name, security_classification, access_type)
SELECT an_id('access', n), 1 + n % $people, 'loans', 'column_1', 'HRCI', 'read' FROM generate_series(1, $phases * 10) n;
"""
_SERIALS = {
    "workflow_phases": "phase_id",
    "cycle_report_planning_attributes": "id",
    "cycle_report_planning_data_sources": "id",
    "cycle_report_data_profiling_configurations": "id",
    "cycle_report_data_profiling_jobs": "id",
    "cycle_report_data_profiling_results": "result_id",
}


@dataclass(frozen=True)
class Scale:
    """How much there is: phases of 1,000 rules each, and how often each rule was executed."""

    phases: int
    runs: int = 5
    seed: int = 1

    @property
    def rules(self) -> int:
        """Rows of the table of rules."""
        return self.phases * VERSIONS * RULES

    @property
    def results(self) -> int:
        """Rows of the table of results."""
        return self.rules * self.runs


def fill(legacy: LegacyDatabase, scale: Scale) -> None:
    """Fill the empty legacy tables of a database of the uuid age, the bulk in pieces of some versions."""
    shape = {
        "phases": scale.phases, "versions": VERSIONS, "rules": RULES, "attributes": ATTRIBUTES, "people": PEOPLE,
        "runs": scale.runs,
    }  # fmt: skip
    legacy.run(*_statements(_DICE + _HOST + _VERSIONS, seed=scale.seed, **shape))
    for first in range(1, scale.phases * VERSIONS + 1, _AT_ONCE):
        piece = {"first": first, "last": min(first + _AT_ONCE - 1, scale.phases * VERSIONS)}
        legacy.run(*_statements(_RULES, rule_text=_text(), **shape, **piece), *_statements(_RESULTS, **shape, **piece))
    legacy.run(
        *_statements(_JOBS + _VOLUME + _KEPT, **shape),
        *(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), max({key})) FROM {table}"
            for table, key in _SERIALS.items()
        ),
        "DROP FUNCTION dice, an_id",
        "VACUUM (ANALYZE)",
    )


def _text() -> str:
    """Return an expression for a rule's text: by its place in the version, now and then with a number of its own."""
    number = "' || CASE WHEN dice(n, 42, 50) = 0 THEN n ELSE 10 + k % 40 END || '"
    texts = [_TEXT.replace("$body", body).replace("'", "''").replace("$number", number) for body in _BODIES]
    return "(ARRAY['" + "', '".join(texts) + f"'])[1 + (j * 5 + k) % {len(texts)}]"


def _statements(script: str, **values: object) -> list[str]:
    return [statement for statement in Template(script).safe_substitute(values).split(";\n") if statement.strip()]
