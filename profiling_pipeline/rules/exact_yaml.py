"""YAML whose values are what they look like: numbers exact, dates and words such as `NO` plain text."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import yaml

from profiling_pipeline.errors import InvalidInputError

_LINE_BREAK = re.compile("[\n\r\x85\u2028\u2029]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+)$")
_RESOLVERS = (
    ("tag:yaml.org,2002:bool", re.compile("(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    ("tag:yaml.org,2002:null", re.compile("(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", _INTEGER, "-+0123456789"),
    ("tag:yaml.org,2002:float", _DECIMAL, "-+.0123456789"),
)


class _Loader(yaml.SafeLoader):
    """A safe loader that reads decimals exactly and refuses repeated keys and aliases."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own way of saying it

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=self.get_mark())
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in mapping:
                problem = f"the key {key!r} is {'there twice' if isinstance(key, str) else 'no text'}"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping

    def construct_decimal(self, node: yaml.ScalarNode) -> Decimal:
        return Decimal(node.value)


class _Dumper(yaml.SafeDumper):
    """A safe dumper that writes decimals exactly, and short lists in one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_decimal(self, value: Decimal) -> yaml.ScalarNode:
        plain = format(value, "f")
        return self.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in plain else 'int'}", plain)

    def represent_values(self, values: list[Any] | tuple[Any, ...]) -> yaml.SequenceNode:
        is_nested = any(isinstance(value, Mapping | list | tuple) for value in values)
        return self.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=not is_nested)

    def represent_text(self, value: str) -> yaml.ScalarNode:
        # Only in double quotes are line breaks of every kind escaped; elsewhere they fold into spaces.
        return self.represent_scalar("tag:yaml.org,2002:str", value, style='"' if _LINE_BREAK.search(value) else None)

    def represent_date(self, value: date) -> yaml.ScalarNode:
        return self.represent_text(value.isoformat())


for _tag, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
    _Dumper.add_implicit_resolver(_tag, _pattern, list(_first))
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_decimal)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_mapping)
_Dumper.add_representer(Decimal, _Dumper.represent_decimal)
_Dumper.add_representer(list, _Dumper.represent_values)
_Dumper.add_representer(tuple, _Dumper.represent_values)
_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(date, _Dumper.represent_date)
_Dumper.add_representer(datetime, _Dumper.represent_date)


def load_yaml(text: str, source: str, key: str) -> tuple[Any, list[int]]:
    """Return a document, and the line of each item of the list under `key` (from 1).

    Raises:
        InvalidInputError: It is not YAML of plain values; the message names `source` and the line.
    """
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            content = None if root is None else loader.construct_document(root)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
        raise InvalidInputError(f"{source} cannot be used as YAML: {problem}. Correct it.") from error
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    items = [value.value for name, value in pairs if name.value == key and isinstance(value, yaml.SequenceNode)]
    return content, [item.start_mark.line + 1 for item in (items[0] if items else [])]


def dump_yaml(content: Mapping[str, Any]) -> str:
    """Return a document that `load_yaml` reads back."""
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))
