"""A host application's tables as they are found in the field: enum columns, plain json, times without a zone."""

from sqlalchemy import text

from profiling_pipeline.storage.database import Database

_STATEMENTS = """
CREATE TYPE user_role_enum AS ENUM (
    'Tester', 'Test Executive', 'Report Owner', 'Report Executive', 'Data Owner', 'Data Executive', 'Admin');
CREATE TYPE workflow_phase_enum AS ENUM ('Planning', 'Data Profiling', 'Scoping');
CREATE TYPE phase_status_enum AS ENUM ('Not Started', 'In Progress', 'Submitted', 'Pending Approval', 'Complete');
CREATE TYPE activity_status_enum AS ENUM ('NOT_STARTED', 'IN_PROGRESS', 'COMPLETED');
CREATE TYPE data_type_enum AS ENUM ('String', 'Integer', 'Decimal', 'Date', 'DateTime', 'Boolean', 'JSON');
CREATE TYPE mandatory_flag_enum AS ENUM ('Mandatory', 'Conditional', 'Optional');
CREATE TYPE security_classification_enum AS ENUM ('Public', 'Internal', 'Confidential', 'Restricted', 'HRCI');
CREATE TYPE datasourcetype AS ENUM ('POSTGRESQL', 'MYSQL', 'ORACLE', 'FILE');
CREATE TYPE securityclassification AS ENUM ('HRCI', 'Confidential', 'Proprietary', 'Public');
CREATE TABLE users (
    user_id serial PRIMARY KEY, first_name varchar(100) NOT NULL, last_name varchar(100) NOT NULL,
    email varchar(255) NOT NULL UNIQUE, phone varchar(20), role user_role_enum NOT NULL, is_active boolean NOT NULL,
    hashed_password varchar(255) NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE workflow_phases (
    phase_id serial PRIMARY KEY, cycle_id integer NOT NULL, report_id integer NOT NULL,
    phase_name workflow_phase_enum NOT NULL, status phase_status_enum NOT NULL, phase_data jsonb,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cycle_id, report_id, phase_name));
CREATE TABLE workflow_activities (
    activity_id serial PRIMARY KEY, cycle_id integer NOT NULL, report_id integer NOT NULL,
    phase_name varchar(100) NOT NULL, activity_name varchar(255) NOT NULL,
    status activity_status_enum NOT NULL DEFAULT 'NOT_STARTED', phase_id integer REFERENCES workflow_phases);
CREATE TABLE cycle_report_planning_attributes (
    id serial PRIMARY KEY, attribute_name varchar(255) NOT NULL, description text, data_type data_type_enum NOT NULL,
    is_cde boolean DEFAULT false, is_primary_key boolean DEFAULT false,
    information_security_classification security_classification_enum DEFAULT 'Internal', data_source_id integer,
    source_table varchar(255), source_column varchar(255), created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(), is_active boolean NOT NULL DEFAULT true,
    is_latest_version boolean NOT NULL DEFAULT true, line_item_number varchar(20),
    technical_line_item_name varchar(255), mdrm varchar(50), validation_rules text, primary_key_order integer,
    is_mandatory mandatory_flag_enum NOT NULL DEFAULT 'Optional', phase_id integer REFERENCES workflow_phases);
CREATE TABLE cycle_report_planning_data_sources (
    id serial PRIMARY KEY, name varchar(255) NOT NULL, source_type datasourcetype NOT NULL,
    is_active boolean DEFAULT true, connection_config {json}, auth_type varchar(50), auth_config {json},
    created_at timestamp NOT NULL DEFAULT now(), updated_at timestamp NOT NULL DEFAULT now(),
    phase_id integer REFERENCES workflow_phases);
CREATE TABLE cycle_report_planning_pde_mappings (
    id serial PRIMARY KEY, attribute_id integer NOT NULL REFERENCES cycle_report_planning_attributes,
    data_source_id integer, pde_code varchar(100) NOT NULL, source_field varchar(255), pii_flag boolean DEFAULT false,
    information_security_classification varchar(50), phase_id integer REFERENCES workflow_phases);
CREATE TABLE audit_logs (
    audit_id serial PRIMARY KEY, user_id integer REFERENCES users, action varchar(100) NOT NULL,
    table_name varchar(100), record_id integer, old_values jsonb, new_values jsonb, "timestamp" timestamptz NOT NULL,
    session_id varchar(255), created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE secure_data_access_logs (
    access_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id integer NOT NULL REFERENCES users,
    table_name varchar(255) NOT NULL, column_name varchar(255) NOT NULL, record_identifier varchar(255),
    security_classification securityclassification NOT NULL, access_type varchar(50) NOT NULL, access_reason text,
    ip_address varchar(45), user_agent varchar(500), accessed_at timestamp NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('of the host');
"""


def install_host(database: Database, json_type: str = "json") -> None:
    """Create the host's tables in a database without any."""
    with database.session() as session:
        for statement in _STATEMENTS.replace("{json}", json_type).split(";\n"):
            if statement.strip():
                session.execute(text(statement))
