import pytest

from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.services.planned import Planned, a_planned_phase


@pytest.fixture
def planned(database: Database) -> Planned:
    """A phase planned for two attributes, with a tester and a report owner."""
    return a_planned_phase(database)
