"""Formulas in technology files: arithmetic over a few names, and nothing else."""

from __future__ import annotations

import ast
import functools
import math
import operator
from collections.abc import Callable, Mapping

from codesign.errors import InputError
from codesign.reading import shown

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ceil": math.ceil,
}
_NODES = (
    *(ast.Constant, ast.Name, ast.Load, ast.Call),
    *(ast.UnaryOp, ast.USub, ast.BinOp, *_BINARY),
)
_ARITHMETIC = "arithmetic (+ - * / **, min, max, sqrt, log2, ceil)"
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

    def _value(self, node: ast.expr, values: Mapping[str, float]) -> float:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in values:
            return values[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._value(node.operand, values)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self._value(node.left, values), self._value(node.right, values)
            return _BINARY[type(node.op)](left, right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            arguments = [self._value(argument, values) for argument in node.args]
            return float(_FUNCTIONS[node.func.id](*arguments))
        raise self._refuse(_ARITHMETIC)


@functools.lru_cache(maxsize=256)
def formula(text: str, names: tuple[str, ...], where: str) -> Formula:
    """A `Formula`, parsed once: searches ask for the energies of thousands of accelerators."""
    return Formula(text, names, where)
