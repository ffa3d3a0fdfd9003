"""Einsum: contractions of two operands as matrix products, of more from the left to the right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from codesign.workload.onnx.operators.layers import product
from codesign.workload.onnx.operators.registry import Bits, Part, reads
from codesign.workload.onnx.values import Operator, Shape

MAX_OPERANDS = 16

Labelled = dict[str, int]
"""The size of each axis of an operand, by its letter; those of an ellipsis are `.0`, `.1`, …"""


@reads(
    "Einsum",
    how="contractions as batches of matrix products, more than two operands from the left; "
    "an equation that only scales or sums is not a layer",
)
def read_einsum(operator: Operator) -> list[Part]:
    """Any equation; letters that one operand alone has are summed before anything is multiplied."""
    operands, result = _parse(operator)
    written = operator.written_bits or (
        operator.outputs[0].width if operator.outputs and operator.outputs[0] else None
    )
    left, left_bits = operands[0], operator.input(0).width
    parts: list[Part] = []
    for place, right in enumerate(operands[1:], start=1):
        later = set(result).union(*operands[place + 1 :])
        bits = Bits(operator.input(place).width, left_bits, written)
        parts += _contraction(operator, left, right, later, bits)
        left = {
            letter: max(left.get(letter, 1), right.get(letter, 1))
            for letter in {**left, **right}
            if letter in later
        }
        left_bits = written
    return parts


def _contraction(
    operator: Operator, left: Labelled, right: Labelled, later: set[str], bits: Bits
) -> list[Part]:
    """One product of two operands; `later` are the letters that are still wanted."""
    own_left, own_right = (set(left) - set(right)) & later, (set(right) - set(left)) & later
    if not (set(left) & set(right)) - later and not (own_left and own_right):
        # Words are scaled one by one; nothing is summed up.
        return []
    # An axis of size one is as good as none: it is broadcast.
    wide_left = {letter for letter, size in left.items() if size != 1}
    wide_right = {letter for letter, size in right.items() if size != 1}
    sizes = {letter: left[letter] for letter in wide_left} | {
        letter: right[letter] for letter in wide_right
    }

    def words(letters: set[str]) -> int:
        return math.prod(sizes[letter] for letter in letters)

    both = wide_left & wide_right
    depth, batch = both - later, both & later
    rows, columns = (wide_left - both) & later, (wide_right - both) & later
    return product(
        operator.name,
        batch=words(batch),
        rows=words(rows),
        columns=words(columns),
        depth=words(depth),
        bits=bits,
    )


def _parse(operator: Operator) -> tuple[list[Labelled], list[str]]:
    """The operands' axes by letter, and the letters of the result."""
    equation = operator.attributes.get("equation", "")
    text = re.sub(r"\s", "", equation) if isinstance(equation, str) else ""
    given, arrow, wanted = text.partition("->")
    terms = given.split(",")
    term = r"[A-Za-z]*(?:\.\.\.)?[A-Za-z]*"
    if not text or not all(re.fullmatch(term, part) for part in [*terms, wanted]):
        raise operator.misfit(f"an equation such as 'ij,jk->ik', not {text[:60]!r}")
    if len(terms) != len(operator.inputs) or len(terms) > MAX_OPERANDS:
        raise operator.misfit(f"an equation of {len(operator.inputs)} operands, not {len(terms)}")
    operands = [
        _labelled(operator, part, operator.shape(place)) for place, part in enumerate(terms)
    ]
    _check(operator, operands)
    dots = sorted({letter for operand in operands for letter in operand if letter[0] == "."})
    if arrow:
        result = [*dots] if "..." in wanted else []
        return operands, [*result, *wanted.replace("...", "")]
    # Without an arrow, letters that occur once are those of the result.
    letters = "".join(terms).replace("...", "")
    return operands, [*dots, *(letter for letter in letters if letters.count(letter) == 1)]


def _labelled(operator: Operator, term: str, shape: Shape) -> Labelled:
    first, dots, last = term.partition("...")
    between = len(shape) - len(first) - len(last)
    if between < 0 or (between and not dots):
        raise operator.misfit(f"an operand of as many axes as {term!r} has, not {list(shape)}")
    # Ellipses agree from their last axis on.
    names = [*first, *(f".{number:02d}" for number in range(between - 1, -1, -1)), *last]
    found: Labelled = {}
    for name, size in zip(names, shape, strict=True):
        # A letter that occurs twice in one term takes the diagonal.
        if found.setdefault(name, size) != size:
            raise operator.misfit(f"one size for {name!r} in {term!r}, not {list(shape)}")
    return found


def _check(operator: Operator, operands: Sequence[Mapping[str, int]]) -> None:
    sizes: dict[str, int] = {}
    for operand in operands:
        for letter, size in operand.items():
            if size != 1 and sizes.setdefault(letter, size) != size:
                raise operator.misfit(f"one size for {letter!r}, not {sizes[letter]} and {size}")
