"""Formulas in hardware and technology files: arithmetic over a few names, and nothing else."""

from __future__ import annotations

import ast
import functools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.reading import shown

Columns = Mapping[str, NDArray[np.float64]]
"""Values of variables, many at once: arrays [B] by name."""

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ceil": math.ceil,
}
_ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: functools.reduce(np.minimum, values),
    "max": lambda *values: functools.reduce(np.maximum, values),
    "sqrt": np.sqrt,
    "log2": np.log2,
    "ceil": np.ceil,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_NODES = (
    *(ast.Constant, ast.Name, ast.Load, ast.Call),
    *(ast.UnaryOp, ast.USub, ast.BinOp, *_BINARY),
)
_ARITHMETIC = "arithmetic (+ - * / // % **, min, max, sqrt, log2, ceil)"
_MAX_LENGTH = 500
_MAX_VALUE = 1e30
"""Beyond any energy or area, and far enough from overflow for sums over a network."""


class Formula:
    """An arithmetic expression such as ``"5 / 99.5 * (kb - 0.5) + 1"``, parsed once.

    Args:
        source: the text (or a plain number).
        names: the variables it may use.
        where: what the formula is, for error messages.

    Raises:
        InputError: the text is not arithmetic over `names`.
    """

    def __init__(self, source: object, names: tuple[str, ...], where: str) -> None:
        self.text = source if isinstance(source, str) else shown(source)
        self.where = where
        try:
            if len(self.text) > _MAX_LENGTH:
                raise SyntaxError
            self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self._refuse("arithmetic") from None
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and node.id not in (*names, *_FUNCTIONS):
                raise self._refuse(f"arithmetic over {', '.join(names)}")
            if not isinstance(node, _NODES):
                raise self._refuse(_ARITHMETIC)

    def _refuse(self, expected: str) -> InputError:
        return InputError(f"{self.where} is {self.text[:80]!r}, expected {expected}")

    def __call__(self, **values: float) -> float:
        """The value, at least 0.

        Raises:
            InputError: the result is negative, infinite or undefined.
        """
        try:
            result = float(self._value(self._tree, values))
        except (ArithmeticError, TypeError, ValueError):
            result = math.nan
        if not 0 <= result <= _MAX_VALUE:
            at = ", ".join(f"{name} = {value:g}" for name, value in values.items())
            raise self._refuse(f"a formula that is finite and not negative at {at}")
        return result

    def of(self, columns: Columns) -> NDArray[np.float64]:
        """[B], the values for many values of the variables; NaN where one is undefined."""
        size = len(next(iter(columns.values()))) if columns else 1
        with np.errstate(all="ignore"):
            try:
                found = np.asarray(self._value(self._tree, columns, _ARRAY_FUNCTIONS), np.float64)
            except (ArithmeticError, TypeError, ValueError):
                found = np.array(math.nan)
        return np.broadcast_to(found, size).copy()

    def _value(
        self,
        node: ast.expr,
        values: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]] = _FUNCTIONS,
    ) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in values:
            return values[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._value(node.operand, values, functions)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left = self._value(node.left, values, functions)
            right = self._value(node.right, values, functions)
            return _BINARY[type(node.op)](left, right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            arguments = [self._value(argument, values, functions) for argument in node.args]
            return functions[node.func.id](*arguments)
        raise self._refuse(_ARITHMETIC)


class Condition:
    """A comparison of expressions such as ``"rows * columns <= pes"``, parsed once.

    Args:
        source: the text; comparisons may be chained.
        names: the variables it may use.
        where: what the condition is, for error messages.

    Raises:
        InputError: the text is no comparison of arithmetic over `names`.
    """

    def __init__(self, source: object, names: tuple[str, ...], where: str) -> None:
        self.text = str(source)
        try:
            tree = ast.parse(self.text[:_MAX_LENGTH], mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None
        if not isinstance(tree, ast.Compare) or any(
            type(op) not in _COMPARISONS for op in tree.ops
        ):
            raise InputError(
                f"{where} is {self.text[:80]!r}, expected a comparison such as 'a * b <= c'"
            )
        self._operators = [_COMPARISONS[type(op)] for op in tree.ops]
        self._sides = [
            Formula(ast.unparse(side), names, where) for side in (tree.left, *tree.comparators)
        ]

    def holds(self, columns: Columns) -> NDArray[np.bool_]:
        """[B], whether it holds; not where a side is undefined."""
        sides = [side.of(columns) for side in self._sides]
        found = ~np.isnan(sides[-1])
        for compare, left, right in zip(self._operators, sides, sides[1:], strict=False):
            found &= compare(left, right)
        return found


@functools.lru_cache(maxsize=256)
def formula(text: str, names: tuple[str, ...], where: str) -> Formula:
    """A `Formula`, parsed once: searches ask for the energies of thousands of accelerators."""
    return Formula(text, names, where)
