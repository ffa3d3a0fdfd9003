"""How kernels are compiled: ahead of need, to disk, without the interpreter lock."""

from __future__ import annotations

from numba import njit

# Kernels own no arrays: they fill those they are given. Without reference counting (`_nrt`),
# which costs two atomic operations a use of an array, pricing is several times faster.
compiled = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)

inlined = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, inline="always")
