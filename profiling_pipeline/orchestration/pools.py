"""Concurrency pools: limits on what runs at once, changed in the UI under Deployment, Concurrency."""

DATA_SOURCES = "data_sources"  # what reads a data source; the limit of dagster.yaml unless changed
