"""Formulas in hardware files and energy tables: arithmetic over given names, nothing else."""

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
from codesign.reading import Fields, shown

Floats = NDArray[np.float64]

Columns = Mapping[str, Floats | float]
"""Values of variables by name: an array [B], or one number for all B."""

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
"""More than any energy or area, and small enough for sums over a network not to overflow."""


class Formula:
    """An arithmetic expression such as ``"5 / 99.5 * (kb - 0.5) + 1"``, parsed once.

    Args:
        source: the text, or a plain number.
        names: the variables that it may use.
        where: the place of the formula, for error messages.

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
        called = [node.func for node in ast.walk(self._tree) if isinstance(node, ast.Call)]
        found = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and node not in called:
                if node.id not in names:
                    raise self._refuse(f"arithmetic over {', '.join(names)}")
                found.add(node.id)
            if not isinstance(node, _NODES) or (node in called and not _is_function(node)):
                raise self._refuse(_ARITHMETIC)
        self.names = frozenset(found)

    def _refuse(self, expected: str) -> InputError:
        return InputError(f"{self.where} is {self.text[:80]!r}, expected {expected}")

    def __call__(self, **values: float) -> float:
        """The value for these values of the variables, at least 0.

        Raises:
            InputError: the result is negative, undefined, or above 1e30.
        """
        try:
            result = float(self._scalar(values))
        except (ArithmeticError, TypeError, ValueError):
            result = math.nan
        if not 0 <= result <= _MAX_VALUE:
            at = ", ".join(f"{name} = {value:g}" for name, value in values.items())
            raise self._refuse(f"a formula that is finite and not negative at {at}")
        return result

    def of(self, columns: Columns, size: int) -> Floats:
        """[B], the values for B = `size` values of the variables; NaN where undefined."""
        with np.errstate(all="ignore"):
            try:
                found = np.asarray(self._array(columns), np.float64)
            except (ArithmeticError, TypeError, ValueError):
                found = np.array(math.nan)
        return found if found.shape == (size,) else np.full(size, found)

    @functools.cached_property
    def _scalar(self) -> Callable[[Mapping[str, Any]], Any]:
        return self._prepared(self._tree, _FUNCTIONS)

    @functools.cached_property
    def _array(self) -> Callable[[Mapping[str, Any]], Any]:
        return self._prepared(self._tree, _ARRAY_FUNCTIONS)

    def _prepared(
        self, node: ast.expr, functions: Mapping[str, Callable[..., Any]]
    ) -> Callable[[Mapping[str, Any]], Any]:
        """The expression as nested functions: faster than a walk over the tree for every value."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            number = float(node.value)
            return lambda values: number
        if isinstance(node, ast.Name):
            return operator.itemgetter(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = self._prepared(node.operand, functions)
            return lambda values: -operand(values)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            apply = _BINARY[type(node.op)]
            left = self._prepared(node.left, functions)
            right = self._prepared(node.right, functions)
            return lambda values: apply(left(values), right(values))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            function = functions[node.func.id]
            arguments = [self._prepared(argument, functions) for argument in node.args]
            return lambda values: function(*(argument(values) for argument in arguments))
        raise self._refuse(_ARITHMETIC)


class Condition:
    """A comparison of expressions such as ``"rows * columns <= pes"``, parsed once.

    Args:
        source: the text. Comparisons may be chained. ``"a * b in sizes"`` is true if the value
            is in the list.
        names: the variables that it may use.
        where: the place of the condition, for error messages.
        lists: the lists that it may name after `in`, with their values.

    Attributes:
        names: the variables and lists that it uses.

    Raises:
        InputError: the text is not a comparison of arithmetic over `names`.
    """

    def __init__(
        self,
        source: object,
        names: tuple[str, ...],
        where: str,
        lists: Mapping[str, tuple[float, ...]] | None = None,
    ) -> None:
        self.text = str(source)
        lists = lists or {}
        try:
            is_short = len(self.text) <= _MAX_LENGTH
            tree = ast.parse(self.text, mode="eval").body if is_short else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None
        if not isinstance(tree, ast.Compare) or not all(
            type(op) in _COMPARISONS or (isinstance(op, ast.In) and op is tree.ops[-1])
            for op in tree.ops
        ):
            raise InputError(
                f"{where} is {self.text[:80]!r}, expected a comparison such as 'a * b <= c'"
            )
        self._operators = [_COMPARISONS.get(type(op)) for op in tree.ops]
        sides = (tree.left, *tree.comparators)
        self._sides: list[Formula | tuple[float, ...]] = []
        found = set()
        for side, op in zip(sides, (None, *tree.ops), strict=True):
            if isinstance(op, ast.In):
                if not isinstance(side, ast.Name) or side.id not in lists:
                    known = f"one of {', '.join(lists)}" if lists else "none, as it has no lists"
                    raise InputError(
                        f"{where} is {self.text[:80]!r}, expected the name of a list after 'in': "
                        f"{known}"
                    )
                self._sides.append(lists[side.id])
                found.add(side.id)
            else:
                formula = Formula(ast.unparse(side), names, where)
                self._sides.append(formula)
                found |= formula.names
        self.names = frozenset(found)

    def holds(self, columns: Columns, size: int) -> NDArray[np.bool_]:
        """[B], whether it holds; False where a side is undefined."""
        sides = [s.of(columns, size) if isinstance(s, Formula) else s for s in self._sides]
        found = np.ones(size, bool)
        for compare, left, right in zip(self._operators, sides, sides[1:], strict=False):
            if compare is None:
                found &= np.isin(left, right)
            else:
                # NaN equals nothing, but it is unequal to everything.
                found &= compare(left, right) & (left == left) & (right == right)
        return found


def _is_function(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in _FUNCTIONS


@functools.lru_cache(maxsize=256)
def formula(text: str, names: tuple[str, ...], where: str) -> Formula:
    """A `Formula`, parsed once: searches need the energies of thousands of accelerators."""
    return Formula(text, names, where)


def read_formulas(fields: Fields, names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The formulas of a section, as text, by key; those that it leaves out are missing.

    Args:
        names: what the formula of every key may use.

    Raises:
        InputError: a key is unknown, or a text is not such a formula.
    """
    values = {}
    for key, known in names.items():
        text = fields.raw(key, None)
        if text is not None:
            values[key] = formula(str(text), known, f"{fields.where}: {key}").text
    fields.done()
    return values
