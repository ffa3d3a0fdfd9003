r"""Lower bounds of the words that cross a boundary, valid for both accountings.

**Theorem.** Let l_1 … l_m be the temporal loops above a boundary, innermost first, S the words of
its tile's box, U_i the union of the boxes that the first i loops visit, and A_i the words fetched
by them, S for the first box included, at the least over all states of the automaton in which they
may start. If A_j ≥ c·|U_j| for some j and c ≥ 1, then A_i ≥ c·|U_i| for every i ≥ j. (At j = 0,
c = 1.)

*Proof.* By induction. When l_i advances, the tile moves from a box B inside U_{i-1} (inner loops at
their last index; in `timeloop` accounting at index 1) to the first box B' of U_{i-1} + v_i. The
volume fetched, d, is at least |B' \ B| = S - |B ∩ B'|: both accountings fetch that or more. Then
the inner loops run again, hence A_i ≥ A_{i-1} + (n_i - 1)(d + A_{i-1} - S). As B lies in U_{i-1}
and B' in U_{i-1} + v_i, |(U_{i-1} + v_i) \ U_{i-1}| ≤ |U_{i-1}| - |B ∩ B'| ≤ |U_{i-1}| - S + d, and
|U_i| ≤ |U_{i-1}| + (n_i - 1)(|U_{i-1}| - S + d). With A_{i-1} ≥ c|U_{i-1}| and c ≥ 1, A_i is at
least c|U_{i-1}| + (n_i - 1)(c|U_{i-1}| - c(S - d)) ≥ c|U_i|. An irrelevant loop has U_i = U_{i-1}
and A_i ≥ A_{i-1}, as d + A_{i-1} - S ≥ 0. ∎

**Irrelevant loops** multiply A by n if they fetch the whole box whenever they advance, d = S. They
do if a plain relevant loop is inside (the tile comes from another plain index). With only sliding
loops inside, they do in `timeloop` accounting if the innermost loop of all slides (`STRONG`). For
each event follows an advance of that loop. If its step is no smaller than the box, so is the way
back. Otherwise the automaton holds its upward gradient after the advance, whatever it held before
(at rest or that gradient: all other events are a step further along it, along two axes, or against
it, which fetches the box and puts the automaton to rest); and the way back contradicts it. If
irrelevant loops are innermost they put the automaton to rest each time, and a step back may pass
for a new gradient (`WEAK`); in `exact` accounting the old and the new box may overlap. A `WEAK`
boundary counts no multiple.

**Irrelevant loops innermost** fetch nothing and are free (`OPEN`, `RUN`) until a relevant loop
follows. On dataspaces whose axes are all plain, all this is exact, and not only a bound.
"""

from __future__ import annotations

from codesign.compiled import compiled, inlined
from codesign.cost.boxes import stretch
from codesign.cost.tables import IRRELEVANT, PLAIN

OPEN, RUN, WEAK, STRONG, CLOSED = range(5)
"""What the loops so far mean to a boundary: no loop; irrelevant ones only; sliding loops with and
without irrelevant ones inside all of them; a plain relevant loop."""


@compiled
def cross(state, innermost, rest, slides, plains, is_exact) -> tuple[float, int]:  # type: ignore[no-untyped-def]
    """How many times more words a boundary receives for a set of loops around those so far.

    Args:
        state: what the loops so far mean to the boundary.
        innermost: how the innermost loop of the set enters the dataspace.
        rest: the product of the set's irrelevant loops.
        slides, plains: whether the set has sliding loops, plain relevant loops.

    Returns:
        A factor, the least over all orders of the set, and the state after it.
    """
    after = CLOSED if plains else WEAK
    if state == CLOSED:
        return rest, CLOSED
    if state == STRONG:
        return rest, CLOSED if plains else STRONG
    if innermost == PLAIN:
        return rest, CLOSED
    if state == WEAK:
        return 1.0, after
    if not slides and not plains:
        return 1.0, RUN if rest > 1.0 else state
    if innermost == IRRELEVANT or state == RUN or is_exact:
        return 1.0, after
    return rest, CLOSED if plains else STRONG


@inlined
def sweep(extent, count, step) -> float:  # type: ignore[no-untyped-def]
    """Words that `count` boxes of an `extent` cover, at places that are multiples of `step`."""
    return extent + (count - 1.0) * min(step, extent)


@compiled
def union_words(role, stride, axes, w, tile, seen) -> float:  # type: ignore[no-untyped-def]
    """A lower bound of the words in the union of the boxes that one instance ever visits.

    The union is a product over axes. Two dimensions on an axis add their places, and a sumset of
    a and b elements has at least a + b - 1; that holds for indices, and for boxes of one sweep
    shifted by the places of the other.

    Args:
        tile: [D], the tile of the boundary.
        seen: [D], iterations that the instance works on in the whole run.
    """
    total = 1.0
    for d in range(len(tile)):
        if role[w, d] == PLAIN:
            total *= seen[d]
    for a in range(1, axes[w] + 1):
        extent = 1.0
        for d in range(len(tile)):
            if role[w, d] == a:
                extent += stretch(stride, w, d, tile[d])
        indices, boxes = 1.0, extent
        for d in range(len(tile)):
            if role[w, d] != a:
                continue
            indices += seen[d] - 1.0
            covered = sweep(extent, seen[d] // tile[d], tile[d] * stride[w, d])
            for other in range(len(tile)):
                if other != d and role[w, other] == a:
                    covered += seen[other] // tile[other] - 1.0
            boxes = max(boxes, covered)
        total *= max(indices, boxes)
    return total


@compiled
def distinct_places(role, stride, axes, w, tile, factors) -> float:  # type: ignore[no-untyped-def]
    """Groups of children of one instance that want different words of a sliding dataspace.

    Children (i, j) along two dimensions of an axis stand at i·p + j·q, and coincide where i differs
    by q' and j by p', p and q without their common factors.
    """
    total = 1.0
    for d in range(len(tile)):
        if role[w, d] == PLAIN:
            total *= factors[d]
    for a in range(1, axes[w] + 1):
        rows, p, columns, q = 1, 1, 1, 1
        for d in range(len(tile)):
            if role[w, d] == a:
                columns, q = rows, p
                rows, p = factors[d], tile[d] * stride[w, d]
        x, y = p, q
        while y:
            x, y = y, x % y
        p, q = p // x, q // x
        total *= rows * columns - max(0, rows - q) * max(0, columns - p)
    return total
