"""How the factors of a mapping cover the sizes of a layer: the names (`space.factors` has more)."""

from __future__ import annotations

DIVISORS, PADDED = FACTORS = ("divisors", "padded")
"""They multiply to the sizes, or to at least the sizes, where what is too much runs as well."""
