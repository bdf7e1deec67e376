"""Both engines, once for each test process."""

from collections.abc import Iterator

import ibis
import pytest
from sqlalchemy import make_url

from profiling_pipeline_tests.rules.engines import Engines


@pytest.fixture(scope="session")
def engines(server_url: str) -> Iterator[Engines]:
    url = make_url(server_url)
    postgres = ibis.postgres.connect(
        user=url.username,
        password=url.password,
        host=url.host or url.query.get("host"),
        port=url.port or 5432,
        database=url.database,
        schema="public",
    )
    both = Engines(ibis.duckdb.connect(), postgres)
    both.create()
    yield both
    both.close()
