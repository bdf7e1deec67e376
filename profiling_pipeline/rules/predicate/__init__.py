"""The predicate language: SQL conditions over a source's columns, parsed, checked and compiled, never run as text."""

from profiling_pipeline.rules.predicate.columns import predicate_columns
from profiling_pipeline.rules.predicate.compiler import compile_predicate
from profiling_pipeline.rules.predicate.parser import parse_predicate

__all__ = ["compile_predicate", "parse_predicate", "predicate_columns"]
