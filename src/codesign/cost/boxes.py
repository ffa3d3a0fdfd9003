"""The box of words that a tile covers (section 2), for kernels.

`workload.Layer.words` is the same for layers and arrays of tiles. The reference interpreter
(`walk`), the checker of certificates (`search.exact.check_splits`) and the NumPy model of the
benchmarks compute it independently, on purpose.
"""

from __future__ import annotations

from codesign.compiled import inlined
from codesign.cost.tables import PLAIN


@inlined
def measure(role, stride, w, axes, tile, extent, level):
    """The words of a tile's box in dataspace w, in one pass. Fills `extent[level, w]`.

    Args:
        role, stride: [W, D], as in `cost.tables`.
        axes: the number of sliding axes; a larger number gives the same result.
        tile: [D], the sizes of the tile.
        extent: [L, W, A], of which the extents along sliding axes are filled.
    """
    words = 1
    for a in range(axes):
        extent[level, w, a] = 1
    for d in range(role.shape[1]):
        if role[w, d] == PLAIN:
            words *= tile[d]
        elif role[w, d] > PLAIN:
            extent[level, w, role[w, d] - 1] += stretch(stride, w, d, tile[d])
    for a in range(axes):
        words *= extent[level, w, a]
    return words


@inlined
def stretch(stride, w, d, size):
    """The length that `size` indices of dimension d add to the box along its sliding axis."""
    return (size - 1) * stride[w, d]
