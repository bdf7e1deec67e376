"""The folders and schemas that tests of sources use, too."""

from profiling_pipeline_tests.sources.conftest import files, tables

__all__ = ["files", "tables"]
