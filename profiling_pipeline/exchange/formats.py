"""The formats that rules are read from and written in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import dbt, gx, odcs, pandera, rule_yaml, soda
from profiling_pipeline.exchange.model import Exported, FormatName, Imported
from profiling_pipeline.exchange.reading import parse_json, parse_yaml
from profiling_pipeline.exchange.sodacl import is_sodacl
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.rules.rule_file import read_text


@dataclass(frozen=True)
class Format:
    """A format: what people call it, what its files end in, and how it is read and written."""

    name: FormatName
    title: str
    suffix: str
    media_type: str
    read: Callable[[str, str, str | None], Imported]
    write: Callable[[Iterable[Rule], str], Exported]


_YAML_TYPE = "application/yaml"
FORMATS: Mapping[FormatName, Format] = MappingProxyType({
    each.name: each
    for each in (
        Format(FormatName.YAML, "Rule file", ".yaml", _YAML_TYPE, rule_yaml.read, rule_yaml.write),
        Format(FormatName.GX, "Great Expectations suite", ".json", "application/json", gx.read, gx.write),
        Format(FormatName.SODA, "Soda contract", ".yaml", _YAML_TYPE, soda.read, soda.write),
        Format(FormatName.DBT, "dbt data tests", ".yml", _YAML_TYPE, dbt.read, dbt.write),
        Format(FormatName.ODCS, "Open Data Contract", ".yaml", _YAML_TYPE, odcs.read, odcs.write),
        Format(FormatName.PANDERA, "Pandera schema", ".py", "text/x-python", pandera.read, pandera.write),
    )
})  # fmt: skip


def read_file(path: Path, name: FormatName | None = None, table: str | None = None) -> tuple[FormatName, Imported]:
    """Return the format of a file, guessed from its content unless named, and the rules that it holds.

    Args:
        path: The file.
        name: Its format.
        table: The table whose checks are meant, where the file has those of several.

    Raises:
        InvalidInputError: It cannot be read, is not of that format, or its format cannot be guessed.
    """
    text = read_text(path)
    name = name or format_of(text, str(path))
    return name, FORMATS[name].read(text, str(path), table)


def format_of(text: str, source: str) -> FormatName:
    """Return the format that a text is in, as far as its outermost names show.

    Raises:
        InvalidInputError: They do not.
    """
    if source.endswith(".py"):
        return FormatName.PANDERA
    content = parse_json(text, source) if text.lstrip().startswith("{") else parse_yaml(text, source)
    for name, is_of in _SIGNS.items():
        if is_of(content):
            return name
    raise InvalidInputError(
        f"The format of {source} cannot be told from its content. Name it: --from {', '.join(FormatName)}."
    )


def format_for(path: Path) -> FormatName | None:
    """Return the format in which a file of that name is written, None where several have such names."""
    by_suffix = {".json": FormatName.GX, ".py": FormatName.PANDERA}
    return by_suffix.get(path.suffix.lower())


_SIGNS: Mapping[FormatName, Callable[[Mapping[str, Any]], bool]] = {
    FormatName.YAML: lambda content: isinstance(content.get("rules"), list),
    FormatName.GX: lambda content: isinstance(content.get("expectations"), list),
    FormatName.ODCS: lambda content: content.get("kind") == "DataContract",
    FormatName.SODA: lambda content: isinstance(content.get("dataset"), str) or is_sodacl(content),
    FormatName.DBT: lambda content: bool(content.keys() & {"models", "seeds", "snapshots", "sources"}),
}
