"""What the statements of a rule text do."""

import ast

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.assignments import (
    execute_assignment,
    execute_augmented,
    gather,
)
from profiling_pipeline.legacy_migration.translation.python.branches import execute_if, execute_try
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.loops import execute_for
from profiling_pipeline.legacy_migration.translation.python.syntax import described
from profiling_pipeline.legacy_migration.translation.python.values import Closure, Known, Scope
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, NO_ROW

_MODULES = {"pandas": "pd", "numpy": "np", "re": "re", "datetime": "datetime", "decimal": "decimal", "math": "math",
            "numbers": "numbers"}  # fmt: skip


def execute_statement(evaluator: Evaluator, statement: ast.stmt, scope: Scope) -> None:
    """Follow one statement.

    Raises:
        NotRecognisedError: It is not known here.
    """
    state = evaluator.state
    match statement:
        case ast.Return(value=value):
            result = Constant(None) if value is None else evaluator.evaluate(value, scope)
            state.returned.append((state.path, result))
            state.path = NO_ROW
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            execute_assignment(evaluator, target, value, scope)
        case ast.AugAssign(target=ast.Name(id=name), op=operator, value=value):
            execute_augmented(evaluator, name, operator, value, scope)
        case ast.If():
            execute_if(evaluator, statement, scope)
        case ast.For(orelse=[]):
            execute_for(evaluator, statement, scope)
        case ast.Try():
            execute_try(evaluator, statement, scope)
        case ast.FunctionDef(name=name):
            scope[name] = Closure(statement, scope)
        case ast.Import(names=imported):
            scope.update({each.asname or each.name: Known(_MODULES.get(each.name, each.name)) for each in imported})
        case ast.ImportFrom(module=module, names=imported):
            scope.update({each.asname or each.name: Known(f"{module}.{each.name}") for each in imported})
        case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Assert():
            pass
        case ast.Expr(value=ast.Call() as call):
            _call_for_effect(evaluator, call, scope)
        case ast.Continue():
            state.path = NO_ROW
        case ast.Raise():
            state.stop_where(EVERY_ROW)
        case _:
            raise NotRecognisedError(f"it uses {described(statement)}")


def _call_for_effect(evaluator: Evaluator, call: ast.Call, scope: Scope) -> None:
    state = evaluator.state
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr="append" | "add") if (
            state.row_depth and name in state.counters
        ):
            gather(state, name, scope)
        case ast.Name(id="int" | "float" | "str" | "len") | ast.Attribute(attr="strptime" | "to_datetime"):
            evaluator.evaluate(call, scope)  # it may stop with an error
        case ast.Name(id="print"):
            pass
        case ast.Attribute(attr="filterwarnings" | "simplefilter" | "info" | "warning" | "debug" | "error"):
            pass
        case _:
            raise NotRecognisedError(f"it calls {ast.unparse(call.func)[:60]} for its effect")
