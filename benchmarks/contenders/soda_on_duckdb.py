"""Soda Core: a data contract verified on a DuckDB connection."""

import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from soda_core.contracts.api.verify_api import verify_contract_locally
from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from benchmarks.contenders.duckdb_by_hand import connect
from benchmarks.rules import BenchmarkRule


def prepare(case: Case) -> Check:
    logging.disable(logging.CRITICAL)
    connection = connect(case)
    source = DuckDBDataSourceImpl.from_existing_cursor(connection, name="benchmark")
    folder = TemporaryDirectory()
    contract = Path(folder.name) / "contract.yml"
    contract.write_text(json.dumps(_contract(case)), encoding="utf-8")

    def check() -> Counts:
        _ = folder
        answer = verify_contract_locally(data_sources=[source], contract_file_path=str(contract), publish=False)
        results = answer.contract_verification_results[0].check_results
        failed = {result.check.name: result for result in results}
        return {rule.name: _failed(failed[rule.name].diagnostic_metric_values) for rule in case.rules}

    return check


def _failed(figures: dict[str, Any]) -> int:
    return int(next(value for name, value in figures.items() if name in _FIGURES))


_FIGURES = frozenset({"missing_count", "invalid_count", "failed_rows_count"})


def _contract(case: Case) -> dict[str, Any]:
    columns: dict[str, list[dict[str, Any]]] = {}
    of_table: list[dict[str, Any]] = []
    for rule in case.rules:
        if rule.check in {"expression", "not_equal_to"}:
            of_table.append(
                {"failed_rows": {"name": rule.name, "qualifier": rule.name, "expression": f"NOT ({rule.sql})"}}
            )
        else:
            columns.setdefault(rule.column, []).append(_check(rule))
    written = [{"name": name, "checks": checks} for name, checks in columns.items()]
    return {"dataset": "benchmark/memory/main/data", "columns": written, "checks": of_table}


def _check(rule: BenchmarkRule) -> dict[str, Any]:
    named = {"name": rule.name, "qualifier": rule.name}
    if rule.check == "not_null":
        return {"missing": named}
    values = list(rule.parameters.values())
    demand = {
        "in_range": lambda: {"valid_min": values[0], "valid_max": values[1]},
        "greater_than_or_equal_to": lambda: {"valid_min": values[0]},
        "less_than_or_equal_to": lambda: {"valid_max": values[0]},
        "isin": lambda: {"valid_values": values[0]},
        "str_length": lambda: {"valid_min_length": values[0], "valid_max_length": values[1]},
        "str_matches": lambda: {"valid_format": {"name": "pattern", "regex": f"^(?:{values[0]})"}},
        "str_contains": lambda: {"valid_format": {"name": "pattern", "regex": values[0]}},
    }
    if rule.check in demand and not (rule.check == "in_range" and isinstance(values[0], str)):
        return {"invalid": named | demand[rule.check]()}
    return _failed_rows(rule)


def _failed_rows(rule: BenchmarkRule) -> dict[str, Any]:
    return {"failed_rows": {"name": rule.name, "qualifier": rule.name, "expression": f"NOT ({rule.sql})"}}
