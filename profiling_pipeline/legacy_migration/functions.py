"""The temporary functions of a session: ids, JSON, rates, and the words of the earlier system in this one's."""

# A UUID of version 8 from a kind and a key, the same for ever: so a second migration makes the same rows.
NEW_ID = """
CREATE OR REPLACE FUNCTION pg_temp.new_id(kind text, key text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT overlay(overlay(left(encode(sha256(convert_to(kind || chr(31) || key, 'UTF8')), 'hex'), 32)
        placing '8' from 13) placing '8' from 17)::uuid
$$
"""
# What looks like JSON is taken for it: for the bulk, which is done again with care where that is wrong.
AS_JSON_AT_ONCE = """
CREATE OR REPLACE FUNCTION pg_temp.as_json(value text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE left(ltrim(value, E' \\n\\r\\t'), 1) WHEN '{' THEN value::jsonb WHEN '[' THEN value::jsonb
        WHEN '"' THEN (value::jsonb #>> '{}')::jsonb
        ELSE CASE WHEN value ~ '^(-?[0-9]|true$|false$)' THEN value::jsonb END END
$$
"""
# Statement by statement, for a planner that knows the value may work out a cast in a branch that is never taken.
AS_JSON = """
CREATE OR REPLACE FUNCTION pg_temp.as_json(value text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jsonb;
BEGIN
    IF value IS NULL OR NOT pg_input_is_valid(value, 'jsonb') THEN
        RETURN NULL;
    END IF;
    found := nullif(value::jsonb, 'null');
    IF jsonb_typeof(found) = 'string' AND pg_input_is_valid(found #>> '{}', 'jsonb') THEN
        RETURN (found #>> '{}')::jsonb;
    END IF;
    RETURN found;
END
$$
"""
AS_JSON_BEFORE_16 = """
CREATE OR REPLACE FUNCTION pg_temp.as_json(value text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jsonb;
BEGIN
    found := nullif(value::jsonb, 'null');
    IF jsonb_typeof(found) = 'string' THEN
        BEGIN
            RETURN (found #>> '{}')::jsonb;
        EXCEPTION WHEN data_exception THEN
            RETURN found;
        END;
    END IF;
    RETURN found;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$
"""

# As `results.outcome.pass_rate`: with two decimals, never 100.00 with a failure and never 0.00 with a pass.
RATE = """
CREATE OR REPLACE FUNCTION pg_temp.pass_rate(passed bigint, failed bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN passed + failed > 0 THEN greatest(
        least(round(100.0 * passed / (passed + failed), 2), CASE WHEN failed > 0 THEN 99.99 ELSE 100 END),
        CASE WHEN passed > 0 THEN 0.01 ELSE 0 END) END
$$
"""
# Words of the earlier system, and the nearest of this one's.
WORDS = """
CREATE OR REPLACE FUNCTION pg_temp.decision(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(word) WHEN 'approve' THEN 'approve' WHEN 'approved' THEN 'approve' WHEN 'reject' THEN 'reject'
        WHEN 'rejected' THEN 'reject' WHEN 'request_changes' THEN 'request_changes'
        WHEN 'needs_revision' THEN 'request_changes' END
$$;
CREATE OR REPLACE FUNCTION pg_temp.severity(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(word) WHEN 'low' THEN 'low' WHEN 'info' THEN 'low' WHEN 'high' THEN 'high'
        WHEN 'critical' THEN 'high'
        WHEN 'error' THEN 'high' ELSE 'medium' END
$$;
CREATE OR REPLACE FUNCTION pg_temp.dimension(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN lower(word) IN ('completeness', 'validity', 'accuracy', 'consistency', 'uniqueness')
        THEN lower(word)
        WHEN lower(word) IN ('not_null', 'null', 'mandatory') THEN 'completeness'
        WHEN lower(word) IN ('unique', 'duplicate') THEN 'uniqueness'
        WHEN lower(word) IN ('anomaly', 'outlier', 'distribution') THEN 'accuracy'
        WHEN lower(word) IN ('referential', 'cross_field', 'relationship') THEN 'consistency'
        ELSE 'validity' END
$$
"""
