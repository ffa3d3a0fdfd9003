"""How the factors of a mapping cover the sizes of a layer: the names (`space.factors` has more)."""

from __future__ import annotations

DIVISORS, PADDED, ANY = FACTORS = ("divisors", "padded", "any")
"""They multiply to the sizes, or to at least the sizes. What is too much runs as well where factors
are padded; where they are any, it does not run, and the last iteration of a loop may be partial."""
