"""The box of words that a tile covers (section 2), for kernels.

`workload.Layer.words` says the same of layers and arrays of tiles. The reference interpreter
(`walk`), the checker of certificates (`search.exact.check`) and the NumPy model of the benchmarks
have statements of their own on purpose.
"""

from __future__ import annotations

from codesign.compiled import inlined
from codesign.cost.tables import PLAIN


@inlined
def measure(role, stride, w, axes, tile, extent, level):
    """Words of a tile's box in dataspace w; fills `extent[level, w]`, in one pass over dimensions.

    Args:
        role, stride: [W, D], as in `cost.tables`.
        axes: the number of sliding axes; more do no harm.
        tile: [D]; extent: [L, W, A].
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
    """By how much `size` indices of dimension d lengthen the box along its sliding axis."""
    return (size - 1) * stride[w, d]
