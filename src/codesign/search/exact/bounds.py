r"""Lower bounds on the words that cross a boundary, valid for every accounting.

**Theorem.** Let l_1 … l_m be the temporal loops above a boundary, innermost first. Let S be the
words in the box of its tile, and U_i the union of the boxes that the first i loops visit. Let A_i
be the words that these loops fetch, including S for the first box; it is the least over all states
in which the automaton may start. If A_j ≥ c·|U_j| for some j and c ≥ 1, then A_i ≥ c·|U_i| for
every i ≥ j. (For j = 0, c = 1.)

*Proof.* By induction. When l_i advances, the tile moves from a box B in U_{i-1} to the first box B'
of U_{i-1} + v_i. (At B, the inner loops are at their last index; in accountings of Timeloop, at
index 1.) All accountings fetch a volume d of at least |B' \ B| = S - |B ∩ B'|. Then the inner loops
run again, so A_i ≥ A_{i-1} + (n_i - 1)(d + A_{i-1} - S). Since B is in U_{i-1} and B' in U_{i-1} +
v_i, |(U_{i-1} + v_i) \ U_{i-1}| ≤ |U_{i-1}| - |B ∩ B'| ≤ |U_{i-1}| - S + d, and |U_i| ≤ |U_{i-1}| +
(n_i - 1)(|U_{i-1}| - S + d). With A_{i-1} ≥ c|U_{i-1}| and c ≥ 1, A_i is at least c|U_{i-1}| + (n_i
- 1)(c|U_{i-1}| - c(S - d)) ≥ c|U_i|. An irrelevant loop has U_i = U_{i-1} and A_i ≥ A_{i-1}, as d +
A_{i-1} - S ≥ 0. ∎

**Irrelevant loops** multiply A by n if they fetch the whole box whenever they advance (d = S). This
is so if a plain relevant loop is inside: the tile then comes from another plain index. If only
sliding loops are inside, it is so in `timeloop` accounting, provided that the innermost loop of all
slides (`STRONG`). The reason: each event follows an advance of that loop. If its step is not
smaller than the box, neither is the way back. Otherwise, after the advance the automaton holds the
loop's upward gradient, whatever it held before. (Before, it was at rest or held that gradient,
since all other events are a step further along it, along two axes, or against it, which fetches the
box and puts the automaton at rest.) The way back contradicts this gradient. If irrelevant loops are
innermost, they put the automaton at rest each time, and a step back may be taken for a new gradient
(`WEAK`). In `exact` accounting, the old and the new box may overlap. For a `WEAK` boundary,
irrelevant loops do not multiply the bound. Where translations are remembered, boundaries are never
`WEAK`: what is remembered is the move of the innermost loop, which is forward or zero. An
irrelevant loop moves the tile back along every axis along which it slid. That is another move, so
the whole box is fetched.

**Innermost irrelevant loops** do not fetch anything until a relevant loop follows (`OPEN`, `RUN`).
For dataspaces with only plain axes, all this is exact and not only a bound.
"""

from __future__ import annotations

from codesign.accounting import POSITION, TRANSLATION
from codesign.compiled import compiled, inlined
from codesign.cost.boxes import stretch
from codesign.cost.tables import IRRELEVANT, PLAIN

OPEN, RUN, WEAK, STRONG, CLOSED = range(5)
"""The state of a boundary after the loops so far: no loop; irrelevant loops only; sliding loops
with, and without, irrelevant loops inside all of them; a plain relevant loop."""


@compiled
def cross(state, innermost, rest, slides, plains, window) -> tuple[float, int]:  # type: ignore[no-untyped-def]
    """The factor by which a set of loops, around those so far, multiplies a boundary's words.

    Args:
        state: the state of the boundary after the loops so far.
        innermost: how the innermost loop of the set enters the dataspace.
        rest: the product of the irrelevant loops in the set.
        slides, plains: whether the set has sliding loops, and plain relevant loops.
        window: as in `accounting.Rules`.

    Returns:
        The least factor over all orders of the set, and the state after the set.
    """
    after = CLOSED if plains else STRONG if window == TRANSLATION else WEAK
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
    if innermost == IRRELEVANT or state == RUN or window == POSITION:
        return 1.0, after
    return rest, CLOSED if plains else STRONG


@inlined
def sweep(extent, count, step) -> float:  # type: ignore[no-untyped-def]
    """The words that `count` boxes of size `extent` cover, at multiples of `step`."""
    return extent + (count - 1.0) * min(step, extent)


@compiled
def union_words(role, stride, axes, w, tile, seen) -> float:  # type: ignore[no-untyped-def]
    """A lower bound on the words in the union of all boxes that one instance visits.

    The union is a product over axes. Positions of two dimensions on one axis add up, and a sumset
    of a and b elements has at least a + b - 1 elements. This holds for indices, and for the boxes
    of one dimension shifted by the positions of the other.

    Args:
        tile: [D], the tile of the boundary.
        seen: [D], the iterations of every dimension that the instance works on in the whole run.
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
    """The number of groups of an instance's children that need different words of a dataspace.

    Children (i, j) along two dimensions of a sliding axis are at position i·p + j·q. Two of them
    coincide if i differs by q' and j by p', which are q and p without common factors.
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
