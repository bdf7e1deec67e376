"""What all tables share: constraint names and the column types that Python types stand for."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import Constraint, DateTime, MetaData, Numeric, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column


def _short_name(constraint: Constraint, table: Table) -> str:
    """Return the table's name as it stands in names of constraints, which PostgreSQL cuts off at 63 characters."""
    return table.name.removeprefix("cycle_report_")


class Base(DeclarativeBase):
    """Parent of every mapped row."""

    metadata = MetaData(
        naming_convention={
            "short_name": _short_name,
            "pk": "pk_%(short_name)s",
            "fk": "fk_%(short_name)s_%(column_0_name)s",
            "uq": "uq_%(short_name)s_%(column_0_N_name)s",
            "ck": "ck_%(short_name)s_%(constraint_name)s",
            "ix": "ix_%(short_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        Decimal: Numeric(5, 2),
        dict[str, Any]: JSONB(none_as_null=True),
    }


def uuid_key() -> MappedColumn[UUID]:
    """Return a UUID primary key, made here so that many rows go in one statement, and by the database for plain SQL."""
    return mapped_column(
        primary_key=True, default=uuid4, server_default=text("gen_random_uuid()"), insert_sentinel=True
    )
