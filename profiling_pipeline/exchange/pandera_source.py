"""Pandera schemas in Python source, read from its syntax tree. The source is data: nothing of it is run."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange.facts import KEY
from profiling_pipeline.exchange.items import Item
from profiling_pipeline.exchange.pandera_checks import NULLABLE, POSITIONS, SHORT_NAMES, UNIQUE
from profiling_pipeline.exchange.python_source import Source, parse_python

_MODELS = frozenset({"DataFrameModel", "SchemaModel"})
_TYPES = "columns have the types of their source; has_type checks text"
_PYTHON = "it is Python code, which is not run"
_QUIET = frozenset({"n_failure_cases", "title", "drop_invalid_rows", "report_duplicates", "dtype_kwargs", "check_name"})
_REMARKS = {
    "coerce": "values are read as their source's types say",
    "required": "a missing column is an error of every rule that reads it",
    "default": "rules change no values",
    "regex": "rules are of single columns, not of patterns of names",
    "strict": "rules look at values, not at which further columns there are",
    "ordered": "rules look at values, not at the order of columns",
    "index": "sources have no index",
    "parsers": _PYTHON,
    "dtype": _TYPES,
    "add_missing_columns": "rules change nothing",
}
_CHECK_SETTINGS = frozenset({"name", "description", "raise_warning", "error", "title"})

Schema = dict[str, Any]
"""A schema: `name`, `items` with what and where they are, `facts` by column, and `left_out`."""


def schemas_in(text: str, source: str) -> list[Schema]:
    """Return the schemas in Python source.

    Raises:
        InvalidInputError: It is no Python, or has none.
    """
    python = parse_python(text, source)
    schemas = [*_called(python), *_classes(python)]
    if not schemas:
        raise InvalidInputError(f"{source} has no Pandera schema: no DataFrameSchema(...) and no DataFrameModel class.")
    return schemas


class _Builder:
    """One schema in the making."""

    def __init__(self, python: Source, name: str) -> None:
        self.python = python
        self.schema: Schema = {"name": name, "items": [], "facts": {}, "left_out": []}

    def add(self, body: dict[str, Any], column: str | None, what: str, line: int) -> None:
        place = f"column {column}, line {line}" if column is not None else f"line {line}"
        self.schema["items"].append((Item(body, column), what, place))

    def leave_out(self, what: str, why: str, column: str | None, line: int) -> None:
        place = f"column {column}, line {line}" if column is not None else f"line {line}"
        self.schema["left_out"].append((what, f"{why[:1].upper()}{why[1:]}.", place))

    def remark(self, settings: Mapping[str, ast.expr], column: str | None, line: int) -> None:
        """Leave out the settings that are no rules, where they say something."""
        for name, node in settings.items():
            ordinary = {"required": (True,), "default": (None,), "dtype": ()}.get(name, (None, False))
            is_ordinary = isinstance(node, ast.Constant) and node.value in ordinary
            if name in _QUIET or is_ordinary:
                continue
            self.leave_out(name, _REMARKS.get(name, "rules have no place for it"), column, line)

    def keep_facts(self, node: ast.expr | None, column: str | None) -> None:
        metadata = self.python.value_or_none(node)
        if isinstance(metadata, dict) and KEY in metadata:
            self.schema["facts"][column] = metadata[KEY]

    def column(self, settings: dict[str, ast.expr], checks: list[ast.expr], column: str, line: int) -> None:
        """Add what a column demands; `settings` are those of Column(...) or Field(...)."""
        python = self.python
        if python.value_or_none(settings.get("regex")):
            self.leave_out(f"columns like {column}", _REMARKS["regex"], None, line)
            return
        settings.pop("regex", None)
        self.keep_facts(settings.pop("metadata", None), column)
        nullable, unique = settings.pop(NULLABLE, None), settings.pop(UNIQUE, None)
        if nullable is None or python.value_or_none(nullable) is False:
            self.add({"check": NULLABLE, "key": NULLABLE}, column, "nullable=False", line)
        if unique is not None and python.value_or_none(unique) is True:
            self.add({"check": UNIQUE, "key": UNIQUE}, column, "unique=True", line)
        for number, check in enumerate(checks, start=1):
            body, what = self.check(check)
            self.add({**body, "key": f"check {number}"}, column, what, check.lineno)
        self.remark({k: v for k, v in settings.items() if k not in ("description", "name")}, column, line)

    def check(self, node: ast.expr) -> tuple[dict[str, Any], str]:
        """Return a check as the body of an item, and what it is called."""
        names = self.python.names_of(node.func) if isinstance(node, ast.Call) else []
        if not isinstance(node, ast.Call) or "Check" not in names[-2:]:
            return {"problem": _PYTHON}, ast.unparse(node)[:80]
        if names[-1] == "Check":
            return {"problem": _PYTHON}, ast.unparse(node)[:80]
        return self.check_of(names[-1], node.args, {k.arg: k.value for k in node.keywords if k.arg})

    def check_of(
        self, name: str, arguments: list[ast.expr], named: Mapping[str, ast.expr]
    ) -> tuple[dict[str, Any], str]:
        """Return a check by its name and arguments."""
        name = SHORT_NAMES.get(name, name)
        positions = POSITIONS.get(name, ())
        nodes = dict(zip(positions, arguments, strict=False)) | dict(named)
        try:
            values = {key: self.python.value(node) for key, node in nodes.items()}
        except ValueError as error:
            return {"problem": f"{error}, and {_PYTHON}"}, f"Check.{name}"
        if len(arguments) > len(positions):
            return {"problem": "it is no check of Pandera's own"}, f"Check.{name}"
        settings = {key: values.pop(key) for key in list(values) if key in _CHECK_SETTINGS}
        notes = []
        if values.pop("ignore_na", True) is False:
            notes.append(("ignore_na=False", "Rows without a value are skipped; not_null finds them"))
        if values.pop("groupby", None) is not None:
            return {"problem": "it looks at groups of rows"}, f"Check.{name}"
        for quiet in _QUIET | {"element_wise"}:
            values.pop(quiet, None)
        title = settings.pop("name", None) or settings.pop("title", None) or settings.pop("error", None)
        body = {"check": name, "arguments": values, "name": title, "notes": notes or None}
        body |= {key: settings.get(key) for key in ("description", "raise_warning")}
        return {key: value for key, value in body.items() if value not in (None, False)}, f"Check.{name}"


def _called(python: Source) -> Iterator[Schema]:
    """Yield the schemas that calls of DataFrameSchema make."""
    targets = {id(value): name for name, value in python.assigned()}
    for node in ast.walk(python.tree):
        if isinstance(node, ast.Call) and python.names_of(node.func)[-1:] == ["DataFrameSchema"]:
            settings = dict(zip(("columns", "checks"), node.args, strict=False))
            settings |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            own_name = python.value_or_none(settings.pop("name", None))
            name = targets.get(id(node)) or (own_name if isinstance(own_name, str) else f"schema in line {node.lineno}")
            yield _schema(_Builder(python, name), settings, node.lineno)


def _schema(builder: _Builder, settings: dict[str, ast.expr], line: int) -> Schema:
    python = builder.python
    columns = python.resolved(settings.pop("columns", None))
    entries = zip(columns.keys, columns.values, strict=True) if isinstance(columns, ast.Dict) else ()
    if columns is not None and not isinstance(columns, ast.Dict):
        builder.leave_out("columns", "only a dictionary of columns is read", None, line)
    for key, value in entries:
        name = python.value_or_none(key)
        column = python.resolved(value)
        if isinstance(name, str) and isinstance(column, ast.Call) and python.names_of(column.func)[-1:] == ["Column"]:
            said = dict(zip(("dtype", "checks"), column.args, strict=False))
            said |= {keyword.arg: keyword.value for keyword in column.keywords if keyword.arg}
            if isinstance(said.get("dtype"), ast.Constant) and python.value_or_none(said["dtype"]) is None:
                del said["dtype"]
            checks = python.listed(said.pop("checks", None))
            builder.column(said, checks, name, column.lineno)
        else:
            builder.leave_out("a column", "it is no Column(...) under a name", None, getattr(value, "lineno", line))
    for check in python.listed(settings.pop("checks", None)):
        body, what = builder.check(check)
        problem = body.get("problem", "a check of the whole table looks at every column alike")
        builder.add({"problem": problem}, None, what, check.lineno)
    _key(builder, settings.pop(UNIQUE, None), line)
    builder.keep_facts(settings.pop("metadata", None), None)
    builder.remark({k: v for k, v in settings.items() if k != "description"}, None, line)
    return builder.schema


def _key(builder: _Builder, node: ast.expr | None, line: int) -> None:
    """Add the key that a schema says is unique."""
    names = builder.python.value_or_none(node)
    names = [names] if isinstance(names, str) else names
    if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        several = {"columns": names} if len(names) > 1 else {}
        # Facts on a key of several columns stand with the schema, not with a column.
        builder.add({"check": UNIQUE, "key": UNIQUE, **several}, None if several else names[0], "unique", line)


def _classes(python: Source) -> Iterator[Schema]:
    """Yield the schemas that subclasses of DataFrameModel are."""
    models: dict[str, ast.ClassDef] = {}
    for node in ast.walk(python.tree):
        if isinstance(node, ast.ClassDef):
            bases = [python.names_of(base)[-1:] for base in node.bases]
            if any(base and (base[0] in _MODELS or base[0] in models) for base in bases):
                models[node.name] = node
                yield _model(python, node, models)


def _model(python: Source, node: ast.ClassDef, models: Mapping[str, ast.ClassDef]) -> Schema:
    builder = _Builder(python, node.name)
    for each in _with_bases(python, node, models):
        for statement in each.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                _field(builder, statement, statement.target.id)
            elif isinstance(statement, ast.FunctionDef):
                builder.leave_out(f"{statement.name}()", _PYTHON, None, statement.lineno)
            elif isinstance(statement, ast.ClassDef) and statement.name == "Config":
                _config(builder, statement)
    return builder.schema


def _with_bases(python: Source, node: ast.ClassDef, models: Mapping[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return a model and the models of this source that it is made from, the first of them first."""
    line: list[ast.ClassDef] = []
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each not in line:
            line.insert(0, each)
            names = [python.names_of(base)[-1:] for base in each.bases]
            waiting += [models[name[0]] for name in names if name and name[0] in models and models[name[0]] is not each]
    return line


def _field(builder: _Builder, statement: ast.AnnAssign, name: str) -> None:
    """Add what a field of a model demands."""
    python, value = builder.python, statement.value
    settings: dict[str, ast.expr] = {}
    if isinstance(value, ast.Call) and python.names_of(value.func)[-1:] == ["Field"]:
        settings = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg}
    elif value is not None:
        builder.leave_out(name, _PYTHON, None, statement.lineno)
        return
    alias = python.value_or_none(settings.pop("alias", None))
    column = alias if isinstance(alias, str) else name
    shared: dict[str, ast.expr] = {}
    shared |= {key: settings.pop(key) for key in ("raise_warning", "ignore_na") if key in settings}
    named = [key for key in settings if SHORT_NAMES.get(key, key) in POSITIONS]
    bodies = [builder.check_of(key, *_arguments(python, key, settings.pop(key), shared)) for key in named]
    builder.leave_out("type", _TYPES, column, statement.lineno)
    builder.column(settings, [], column, statement.lineno)
    for number, (body, what) in enumerate(bodies, start=1):
        builder.add({**body, "key": f"check {number}"}, column, what, statement.lineno)


def _arguments(
    python: Source, name: str, node: ast.expr, shared: Mapping[str, ast.expr]
) -> tuple[list[ast.expr], dict[str, ast.expr]]:
    """Return the arguments of a check that a field names: one, a tuple, or a dictionary of them."""
    node = python.resolved(node) or node
    several = len(POSITIONS[SHORT_NAMES.get(name, name)]) > 1
    if several and isinstance(node, ast.Dict):
        keys = [python.value_or_none(key) for key in node.keys]
        return [], {str(key): value for key, value in zip(keys, node.values, strict=True)} | dict(shared)
    if several and isinstance(node, ast.Tuple | ast.List):
        return list(node.elts), dict(shared)
    return [node], dict(shared)


def _config(builder: _Builder, config: ast.ClassDef) -> None:
    settings = {
        target.id: statement.value
        for statement in config.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    settings.pop("name", None)
    _key(builder, settings.pop(UNIQUE, None), config.lineno)
    builder.keep_facts(settings.pop("metadata", None), None)
    builder.remark({k: v for k, v in settings.items() if k != "description"}, None, config.lineno)
