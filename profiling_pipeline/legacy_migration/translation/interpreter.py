"""Rule texts in Python, followed statement by statement with values that stand for what the columns hold.

Nothing of a text is run. Each row is followed along all paths at once: `live` is the condition on which a row comes to
the statement at hand, `raised` that on which it stopped with an error since the last `try`.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation import calls, limits
from profiling_pipeline.legacy_migration.translation import operations as ops
from profiling_pipeline.legacy_migration.translation.cells import (
    Cell,
    Choice,
    Constant,
    Match,
    Truth,
    as_truth,
    chosen,
)
from profiling_pipeline.legacy_migration.translation.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.moments import Point, Span
from profiling_pipeline.legacy_migration.translation.source import Columns
from profiling_pipeline.legacy_migration.translation.values import (
    Count,
    Depends,
    Distinct,
    Flag,
    Frame,
    Frequencies,
    Function,
    Known,
    Rarer,
    Record,
    Series,
    Unknown,
)

_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
}  # fmt: skip
_MODULES = {"pandas": "pd", "numpy": "np", "re": "re", "datetime": "datetime", "decimal": "decimal", "math": "math",
            "numbers": "numbers"}  # fmt: skip
_BUILTINS = frozenset({
    "len", "sum", "int", "float", "str", "bool", "round", "abs", "max", "min", "any", "all", "set", "list", "tuple",
    "frozenset", "sorted", "range", "isinstance", "enumerate", "zip", "map", "filter", "type", "dict", "print",
    "object",
    "pd", "np", "re", "datetime", "timedelta", "date", "Decimal", "Exception", "ValueError", "TypeError", "hasattr",
})  # fmt: skip
_STOPPED = "Where a value made the text stop with an error, the row fails here, and the other rows are tested."

Scope = dict[str, Any]


class Interpreter:
    """Follows one text, on one assumption of what the columns hold."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.live: Condition = EVERY_ROW
        self.raised: Condition = NO_ROW
        self.in_rows = 0  # how deep in what is done for each row
        self.steps = 0
        self.calls = 0
        self.returned: list[tuple[Condition, Any]] = []
        self.outer: frozenset[str] = frozenset()  # names that a loop over rows counts in

    def note(self, difference: str) -> None:
        """Keep what the translation does otherwise, or what is wrong in the text."""
        self.columns.differences[difference] = None

    # Statements

    def block(self, statements: list[ast.stmt], names: Scope) -> None:
        """Follow statements; those that no row comes to are passed over."""
        for statement in statements:
            if self.live == NO_ROW:
                return
            self._step()
            self._statement(statement, names)

    def _statement(self, statement: ast.stmt, names: Scope) -> None:
        match statement:
            case ast.Return(value=value):
                result = Constant(None) if value is None else self.value(value, names)
                self.returned.append((self.live, result))
                self.live = NO_ROW
            case ast.Assign(targets=[ast.Tuple() as target], value=ast.Tuple(elts=values)):
                found = [self._value_or_unknown(value, names) for value in values]
                for each, part in zip(target.elts, found, strict=False):
                    self._assign(each, part, names)
            case ast.Assign(targets=[target], value=value):
                self._assign(target, self._value_or_unknown(value, names), names)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._value_or_unknown(value, names), names)
            case ast.AugAssign(target=ast.Name(id=name), op=operator, value=value):
                self._augment(name, operator, value, names)
            case ast.If(test=test, body=body, orelse=orelse):
                self._if(test, body, orelse, names)
            case ast.For(target=target, iter=iterated, body=body, orelse=[]):
                self._for(target, iterated, body, names)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                self._try(body, handlers, orelse, names)
                self.block(finalbody, names)
            case ast.FunctionDef(name=name):
                names[name] = Function(statement, names)
            case ast.Import(names=imported):
                for alias in imported:
                    names[alias.asname or alias.name] = Known(_MODULES.get(alias.name, alias.name))
            case ast.ImportFrom(module=module, names=imported):
                for alias in imported:
                    names[alias.asname or alias.name] = Known(f"{module}.{alias.name}")
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Assert():
                pass
            case ast.Expr(value=ast.Call() as call):
                self._call_for_effect(call, names)
            case ast.Continue():
                self.live = NO_ROW
            case ast.Raise():
                self.stop_where(EVERY_ROW)
            case _:
                raise NotRecognisedError(f"it uses {_named(statement)}")

    def _assign(self, target: ast.expr, value: Any, names: Scope) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Tuple(elts=targets) if isinstance(value, Constant) and isinstance(value.value, list):
                if len(targets) != len(value.value):
                    raise StopsError("it takes apart a list of another length")
                for each, part in zip(targets, value.value, strict=True):
                    self._assign(each, Constant(part), names)
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(names.get(name), Frame):
                raise NotRecognisedError("it changes the data before it counts")
            case _:
                raise NotRecognisedError("it assigns to something else than a name")

    def _augment(self, name: str, operator: ast.operator, value: ast.expr, names: Scope) -> None:
        if self.in_rows and name in self.outer and isinstance(operator, ast.Add | ast.Sub):
            before, added = _as_count(names.get(name)), self.value(value, names)
            if before is None:
                raise NotRecognisedError("it adds up something else than rows")
            sign = -1 if isinstance(operator, ast.Sub) else 1
            if isinstance(added, Constant) and type(added.value) is int:
                names[name] = before.plus(Count(((added.value, self.live),)), sign)
                return
            if isinstance(added, Truth):
                names[name] = before.plus(Count(((1, both(self.live, added.true)),)), sign)
                return
            raise NotRecognisedError("it adds up something else than rows")
        current = names.get(name)
        joined = ast.BinOp(left=ast.Name(id=name, ctx=ast.Load()), op=operator, right=value)
        names[name] = self._value_or_unknown(joined, names) if current is not None else Unknown(f"{name} is not known")

    def _if(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], names: Scope) -> None:
        decided = self._decided(self.value(test, names))
        if isinstance(decided, bool):
            self.block(body if decided else orelse, names)
            return
        condition, before = decided, self.live
        then, otherwise = dict(names), dict(names)
        self.live = both(before, condition)
        self.block(body, then)
        after_then, self.live = self.live, both(before, negated(condition))
        self.block(orelse, otherwise)
        after_otherwise = self.live
        self.live = either(after_then, after_otherwise)
        self._merge(names, condition, then, after_then, otherwise, after_otherwise)

    def _decided(self, value: Any) -> bool | Condition:
        """Return which way all rows go at a branch, or on which condition a row does."""
        if isinstance(value, Flag):
            if self.in_rows:
                raise NotRecognisedError("it asks of all rows while it looks at one")
            # Where no row is concerned, the counts within are zero.
            return not value.is_negated
        condition = ops.holds(value) if isinstance(value, Cell) else None
        if condition in (EVERY_ROW, NO_ROW):
            return condition == EVERY_ROW
        if condition is None or not self.in_rows:
            raise NotRecognisedError("it branches on something that is not known here")
        return condition

    def _merge(
        self, names: Scope, condition: Condition, first: Scope, live_first: Condition, second: Scope, live: Condition
    ) -> None:
        """Bring together what names stand for after two ways, for rows that came along either."""
        if not self.in_rows:
            names.update(second if live_first == NO_ROW else first)
            return
        for name in {**first, **second}:
            one, other, base = first.get(name), second.get(name), names.get(name)
            if isinstance(one, Count) or isinstance(other, Count):
                counted, more, before = _as_count(one), _as_count(other), _as_count(base)
                if counted is None or more is None or before is None:
                    raise NotRecognisedError("it counts in a way that is not known here")
                names[name] = counted.plus(more).plus(before, -1) if counted != more else counted
            elif one is other or one == other or live == NO_ROW:
                names[name] = one if live != NO_ROW or one is not None else other
            elif live_first == NO_ROW:
                names[name] = other
            elif isinstance(one, Cell) and isinstance(other, Cell):
                names[name] = chosen([(condition, one), (negated(condition), other)])
            else:
                names[name] = Unknown("something that only some rows have")

    def _for(self, target: ast.expr, iterated: ast.expr, body: list[ast.stmt], names: Scope) -> None:
        found = self.value(iterated, names)
        if isinstance(found, Constant) and isinstance(found.value, list):
            if len(found.value) > 50:
                raise NotRecognisedError("it goes through a long list")
            for each in found.value:
                self._assign(target, Constant(each), names)
                self.block(body, names)
            return
        if not isinstance(found, Series) or self.in_rows:
            raise NotRecognisedError("it goes through something else than the rows")
        before, self.outer = self.live, frozenset(names)
        self.live = found.rows
        inner = dict(names)
        self._bind(target, found.cell, inner)
        returned = len(self.returned)
        with _Rows(self):
            self.block(body, inner)
        if len(self.returned) > returned:
            raise NotRecognisedError("it ends at the first row of some kind")
        self.live, self.outer = before, frozenset()
        for name, value in inner.items():
            if name in names and isinstance(value, Count):
                names[name] = value

    def _bind(self, target: ast.expr, cell: Any, names: Scope) -> None:
        if isinstance(target, ast.Tuple) and isinstance(cell, tuple):
            for each, part in zip(target.elts, cell, strict=False):
                self._bind(each, part, names)
        elif isinstance(target, ast.Name):
            names[target.id] = cell
        else:
            raise NotRecognisedError("it goes through the rows in a way that is not known here")

    def _try(
        self, body: list[ast.stmt], handlers: list[ast.ExceptHandler], orelse: list[ast.stmt], names: Scope
    ) -> None:
        before, outer, self.raised = self.live, self.raised, NO_ROW
        tried = dict(names)
        returned = len(self.returned)
        try:
            self.block(body, tried)
        except StopsError:
            if not self.in_rows:
                # The whole text stopped, and went on with what is written for that.
                del self.returned[returned:]
                tried, self.live, self.raised = dict(names), NO_ROW, before
            else:
                self.raised = either(self.raised, self.live)
                self.live = NO_ROW
        self.block(orelse, tried)
        after, caught, self.raised = self.live, self.raised, outer
        handled = dict(names)
        self.live = caught
        if caught != NO_ROW and handlers:
            if handlers[0].name:
                handled[handlers[0].name] = Unknown("an error's message")
            self.block(handlers[0].body, handled)
        after_handled = self.live
        self.live = either(after, after_handled)
        self._merge(names, negated(caught), tried, after, handled, after_handled)

    def _call_for_effect(self, call: ast.Call, names: Scope) -> None:
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr="append" | "add") if self.in_rows and name in self.outer:
                counted = _as_count(names.get(name))
                if counted is None:
                    raise NotRecognisedError("it gathers rows in a way that is not known here")
                names[name] = counted.plus(Count(((1, self.live),)))
                return
            case ast.Name(id="print"):
                return
            case ast.Name(id="int" | "float" | "str" | "len"):
                self.value(call, names)  # it may stop with an error
                return
            case ast.Attribute(attr="strptime" | "to_datetime"):
                self.value(call, names)
                return
            case ast.Attribute(attr="filterwarnings" | "simplefilter" | "info" | "warning" | "debug" | "error"):
                return
        raise NotRecognisedError(f"it calls {ast.unparse(call.func)[:60]} for its effect")

    # Expressions

    def value(self, node: ast.expr, names: Scope) -> Any:
        """Return what an expression stands for.

        Raises:
            NotRecognisedError: It is not known here.
            StopsError: It always stops with an error.
        """
        self._step()
        match node:
            case ast.Constant(value=value):
                return Constant(value)
            case ast.Name(id=name):
                return self._name(name, names)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return self._list(elements, names)
            case ast.Dict(keys=keys, values=values):
                return self._dictionary(keys, values, names)
            case ast.UnaryOp(op=operator, operand=operand):
                return self._unary(operator, self.value(operand, names))
            case ast.BoolOp(op=operator, values=values):
                return self._joined(isinstance(operator, ast.And), values, names)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._binary(operator, self.value(left, names), self.value(right, names))
            case ast.Compare(left=left, ops=operators, comparators=comparators):
                return self._compare(left, operators, comparators, names)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._conditional(test, body, orelse, names)
            case ast.Attribute(value=owner, attr=name):
                return calls.attribute(self, self.value(owner, names), name)
            case ast.Subscript(value=owner, slice=index):
                return calls.subscript(self, self.value(owner, names), index, names)
            case ast.Call():
                return calls.call(self, node, names)
            case ast.Lambda():
                return Function(node, names)
            case ast.ListComp(elt=element, generators=[one]) | ast.GeneratorExp(elt=element, generators=[one]):
                return self._comprehension(element, one, names)
            case ast.SetComp(elt=element, generators=[one]):
                return self._comprehension(element, one, names)
            case ast.JoinedStr():
                return Unknown("a text that is put together")
        raise NotRecognisedError(f"it uses {_named(node)}")

    def _value_or_unknown(self, node: ast.expr, names: Scope) -> Any:
        """Return what an expression stands for; what is not known here may never be asked for."""
        live, raised = self.live, self.raised
        try:
            return self.value(node, names)
        except StopsError:
            raise
        except NotRecognisedError as error:
            self.live, self.raised = live, raised
            return Unknown(str(error))

    def _name(self, name: str, names: Scope) -> Any:
        if name in names:
            found = names[name]
            if isinstance(found, Unknown):
                raise NotRecognisedError(found.reason)
            return found
        if name in _BUILTINS:
            return Known(name)
        raise NotRecognisedError(f"it uses the name {name[:60]}, which it does not define")

    def _list(self, elements: list[ast.expr], names: Scope) -> Constant:
        if len(elements) > limits.MOST_ELEMENTS:
            raise NotRecognisedError("it has a long list")
        values = [self.value(element, names) for element in elements]
        if all(isinstance(value, Known) for value in values):
            return Constant(values)
        if not all(isinstance(value, Constant) for value in values):
            raise NotRecognisedError("it has a list of something else than plain values")
        return Constant([value.value for value in values])

    def _dictionary(self, keys: list[ast.expr | None], values: list[ast.expr], names: Scope) -> Record:
        nodes = {
            key.value: value
            for key, value in zip(keys, values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
        return Record(nodes, dict(names))

    def _unary(self, operator: ast.unaryop, operand: Any) -> Any:
        match operator, operand:
            case ast.Not(), Flag():
                return operand.turned()
            case ast.Not(), Constant() | Truth() | Match() | Choice():
                return _truth(negated(ops.holds(operand)))
            case ast.Not(), Cell():
                return _truth(negated(ops.holds(operand)))
            case ast.Invert(), Series(cell=cell, rows=rows):
                truth = as_truth(cell)
                self.stop_where(both(rows, truth.missing))
                return Series(Truth(both(negated(truth.true), negated(truth.missing)), truth.missing), rows)
            case ast.Invert(), Truth():
                return Truth(negated(operand.true))
            case ast.USub(), Constant(value=int() | float() as value):
                return Constant(-value)
            case ast.UAdd(), Constant(value=int() | float()):
                return operand
            case ast.USub(), Count():
                return Count().plus(operand, -1)
            case ast.USub(), Cell():
                return ops.compute("-", Constant(0), operand)
            case ast.USub(), Series(cell=cell, rows=rows):
                if isinstance(cell, Truth):
                    return self._unary(ast.Invert(), operand)
                return Series(ops.compute("-", Constant(0), cell), rows)
        raise NotRecognisedError("it negates something that is not known here")

    def _joined(self, is_and: bool, values: list[ast.expr], names: Scope) -> Any:
        """Return `a and b` or `a or b`; the second is only looked at in rows where the first does not decide."""
        first = self.value(values[0], names)
        for node in values[1:]:
            if isinstance(first, Flag) or not isinstance(first, Cell):
                first = self._joined_flags(is_and, first, self.value(node, names))
                continue
            condition = ops.holds(first)
            goes_on = condition if is_and else negated(condition)
            (second,) = self.along([(goes_on, node)], names, rest=negated(goes_on))
            if not isinstance(second, Cell | None):
                first = self._joined_flags(is_and, first, second)
                continue
            stays = _truth(negated(goes_on) if not is_and else NO_ROW) if _is_yes_no(first) else first
            follows = second if second is not None else _truth(NO_ROW)
            if _is_yes_no(first) and _is_yes_no(follows):
                other = ops.holds(follows)
                first = _truth(both(condition, other) if is_and else either(condition, other))
            else:
                first = chosen([(goes_on, follows), (negated(goes_on), stays)])
        return first

    def _joined_flags(self, is_and: bool, first: Any, second: Any) -> Any:
        for one, other in ((first, second), (second, first)):
            if isinstance(one, Flag) and one.condition == EVERY_ROW:  # there are rows
                return other if is_and is not one.is_negated else one
            if isinstance(one, Constant) and isinstance(one.value, bool):
                return other if one.value is is_and else one
        raise NotRecognisedError("it joins what is true of all rows")

    def along(self, ways: list[tuple[Condition, ast.expr]], names: Scope, rest: Condition = NO_ROW) -> list[Any]:
        """Return what expressions stand for, each in the rows of a condition; None where no row comes to one.

        In rows where one stops, nothing follows.
        """
        before, results, lives = self.live, [], [both(self.live, rest)]
        for condition, node in ways:
            self.live = both(before, condition)
            result = None
            if self.live != NO_ROW:
                try:
                    result = self.value(node, names)
                except StopsError:
                    if not self.in_rows:
                        raise
                    self.stop_where(EVERY_ROW)
            results.append(result)
            lives.append(self.live)
        self.live = either(*lives)
        return results

    def _conditional(self, test: ast.expr, body: ast.expr, orelse: ast.expr, names: Scope) -> Any:
        tested = self.value(test, names)
        if isinstance(tested, Flag) and isinstance(tested.condition, Rarer):
            return Depends(tested, self.value(body, names), self.value(orelse, names))
        if isinstance(tested, Flag) and not self.in_rows:
            return self._depends(tested, body, orelse, names)
        decided = self._decided(tested)
        if isinstance(decided, bool):
            return self.value(body if decided else orelse, names)
        one, other = self.along([(decided, body), (negated(decided), orelse)], names)
        cases = [(decided, one), (negated(decided), other)]
        return chosen([(condition, cell) for condition, cell in cases if isinstance(cell, Cell)])

    def _depends(self, flag: Flag, body: ast.expr, orelse: ast.expr, names: Scope) -> Any:
        if flag.condition == EVERY_ROW:  # whether there are rows at all
            return self.value(orelse if flag.is_negated else body, names)
        return Depends(flag, self.value(body, names), self.value(orelse, names))

    def _binary(self, operator: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(operator, ast.BitAnd | ast.BitOr):
            return self._masks(isinstance(operator, ast.BitAnd), left, right)
        word = _ARITHMETIC.get(type(operator))
        if word is None:
            raise NotRecognisedError(f"it computes with {_named(operator)}")
        if isinstance(left, Constant) and isinstance(right, Constant):
            return calls.constant_arithmetic(word, left.value, right.value)
        if isinstance(left, Point) and isinstance(right, Span) and word in "+-":
            return left.moved(right, -1 if word == "-" else 1)
        if isinstance(left, Count | Constant) and isinstance(right, Count | Constant) and word in "+-":
            one, other = _as_count(left), _as_count(right)
            if one is not None and other is not None:
                return one.plus(other, -1 if word == "-" else 1)
        for one, is_left in ((left, True), (right, False)):
            if isinstance(one, Depends):
                ways = (one.if_true, one.if_false)
                results = [self._binary(operator, *((w, right) if is_left else (left, w))) for w in ways]
                return Depends(one.flag, results[0], results[1])
        if isinstance(left, Count) and word == "-" and isinstance(right, Distinct):
            return calls.repeated_count(left, right)
        if isinstance(left, Frequencies) and word == "/":
            return calls.as_shares(left, right)
        if isinstance(left, Series) or isinstance(right, Series):
            return self.elementwise(lambda a, b: self._arithmetic(word, a, b), left, right)
        if isinstance(left, Cell) and isinstance(right, Cell):
            return self._arithmetic(word, left, right)
        raise NotRecognisedError("it computes with something that is not known here")

    def _arithmetic(self, word: str, left: Cell, right: Cell) -> Cell:
        self.hint(left, right)
        return ops.compute(word, left, right)

    def _masks(self, is_and: bool, left: Any, right: Any) -> Any:
        def join(one: Cell, other: Cell) -> Cell:
            first, second = as_truth(one), as_truth(other)
            return _truth(both(first.true, second.true) if is_and else either(first.true, second.true))

        if isinstance(left, Series) or isinstance(right, Series):
            return self.elementwise(join, left, right)
        if isinstance(left, Cell) and isinstance(right, Cell):
            return join(left, right)
        raise NotRecognisedError("it joins something that is not known here")

    def elementwise(self, apply: Callable[[Cell, Cell], Cell], left: Any, right: Any) -> Series:
        """Apply a function to two columns row by row, or to a column and a value."""
        series = [each for each in (left, right) if isinstance(each, Series)]
        if not all(isinstance(each, Series | Cell) for each in (left, right)):
            raise NotRecognisedError("it joins a column with something that is not known here")
        rows = series[0].rows
        if any(each.rows != rows for each in series):
            # pandas joins them by row; what only one of them has becomes a missing value.
            raise NotRecognisedError("it joins columns of different rows")
        cells = [each.cell if isinstance(each, Series) else each for each in (left, right)]
        return Series(apply(cells[0], cells[1]), rows)

    def _compare(self, left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr], names: Scope) -> Any:
        sides = [self.value(node, names) for node in (left, *comparators)]
        found = [
            calls.compare(self, one, operator, other)
            for one, operator, other in zip(sides, operators, sides[1:], strict=False)
        ]
        if len(found) == 1:
            return found[0]
        if not all(isinstance(each, Cell) for each in found):
            raise StopsError("it chains comparisons of columns")
        return _truth(both(*(ops.holds(each) for each in found)))

    def _comprehension(self, element: ast.expr, one: ast.comprehension, names: Scope) -> Any:
        source = self.value(one.iter, names)
        if isinstance(source, Constant) and isinstance(source.value, list) and len(source.value) <= 50:
            gathered = []
            for each in source.value:
                inner = {**names, getattr(one.target, "id", "_"): Constant(each)}
                if one.ifs:
                    raise NotRecognisedError("it picks from a list")
                made = self.value(element, inner)
                if not isinstance(made, Constant):
                    raise NotRecognisedError("it makes a list of something else than plain values")
                gathered.append(made.value)
            return Constant(gathered)
        if not isinstance(source, Series):
            raise NotRecognisedError("it goes through something else than the rows")
        before, inner = self.live, dict(names)
        self._bind(one.target, source.cell, inner)
        self.live = both(before, source.rows)
        with _Rows(self):
            for test in one.ifs:
                self.live = both(self.live, ops.holds(self.value(test, inner)))
            made = self.value(element, inner)
        rows, self.live = self.live, before
        if not isinstance(made, Cell):
            raise NotRecognisedError("it makes a list of something that is not known here")
        return Series(made, rows)

    # Functions of one row

    def each_row(self, function: Any, series: Series) -> Series:
        """Return what a function gives for each value of a column."""
        before, self.live = self.live, series.rows
        with _Rows(self):
            result = calls.invoke(self, function, [series.cell])
        self.live = before
        if not isinstance(result, Cell):
            raise NotRecognisedError("its function gives something that is not known here")
        return Series(result, series.rows)

    def follow(self, function: Function, arguments: list[Any]) -> Any:
        """Return what a function of the text gives."""
        if self.calls >= limits.MOST_CALLS:
            raise NotRecognisedError("its functions call one another too deeply")
        node = function.node
        names = {**function.names, **self._parameters(function, arguments)}
        if isinstance(node, ast.Lambda):
            return self.value(node.body, names)
        outer, self.returned = self.returned, []
        outer_names, self.outer = self.outer, frozenset()
        self.calls += 1
        self.block(node.body, names)
        self.calls -= 1
        found, self.returned = self.returned, outer
        self.outer = outer_names
        if self.live != NO_ROW:
            found.append((self.live, Constant(None)))
        self.live = either(*(condition for condition, _ in found))
        if len(found) == 1:
            return found[0][1]
        if not found:
            raise StopsError("its function always stops with an error")
        if not all(isinstance(value, Cell) for _, value in found):
            raise NotRecognisedError("it returns different things")
        return chosen(found)

    def _parameters(self, function: Function, arguments: list[Any]) -> Scope:
        spec = function.node.args
        if spec.vararg or spec.kwonlyargs or spec.posonlyargs:
            raise NotRecognisedError("its function takes arguments in a way that is not known here")
        defaults = spec.defaults[max(len(arguments) - len(spec.args), -len(spec.defaults)) :] if spec.defaults else []
        given: Scope = {}
        missing = len(spec.args) - len(arguments)
        if missing < 0 or missing > len(spec.defaults):
            raise StopsError("its function is called with the wrong number of arguments")
        for parameter, argument in zip(spec.args, arguments, strict=False):
            given[parameter.arg] = argument
        for parameter, default in zip(spec.args[len(arguments) :], defaults[-missing:] if missing else [], strict=True):
            given[parameter.arg] = self.value(default, function.names)
        return given

    # Errors, hints and limits

    def stop_where(self, condition: Condition) -> None:
        """Let rows of a condition stop with an error here."""
        stops = both(self.live, condition)
        if stops == NO_ROW:
            return
        if self.in_rows:
            self.raised = either(self.raised, stops)
            self.live = both(self.live, negated(condition))
        else:
            self.note(_STOPPED)

    def reachable(self, cell: Cell) -> Cell:
        """Return a value without those that it cannot be in any row that comes here."""
        if not isinstance(cell, Choice):
            return cell
        return chosen([(condition, each) for condition, each in cell.cases if both(self.live, condition) != NO_ROW])

    def hint(self, *cells: Cell) -> None:
        """Learn from what a column is computed or compared with what it holds."""
        calls.hint(self.columns, cells)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > limits.MOST_STEPS:
            raise NotRecognisedError("it is too complicated")


class _Rows:
    """While what is done for each row is followed; errors that nothing catches there stop the text."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def __enter__(self) -> None:
        self.raised, self.interpreter.raised = self.interpreter.raised, NO_ROW
        self.interpreter.in_rows += 1

    def __exit__(self, *_: object) -> None:
        if self.interpreter.raised != NO_ROW:
            self.interpreter.note(_STOPPED)
        self.interpreter.raised = self.raised
        self.interpreter.in_rows -= 1


def _truth(condition: Condition) -> Truth:
    return Truth(condition)


def _is_yes_no(value: Any) -> bool:
    return isinstance(value, Truth | Match) or (isinstance(value, Constant) and isinstance(value.value, bool))


def _as_count(value: Any) -> Count | None:
    if isinstance(value, Count):
        return value
    if isinstance(value, Constant) and type(value.value) is int:
        return Count(constant=value.value)
    return Count() if isinstance(value, Constant) and value.value == [] else None


def _named(node: ast.AST) -> str:
    return f"a statement or operation that is not known here ({type(node).__name__})"
