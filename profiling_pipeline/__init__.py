"""Profiling Pipeline: data-quality rules that are generated, reviewed by two people, executed and repeated."""
