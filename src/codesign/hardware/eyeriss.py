"""The Eyeriss template: the paper's hardware parameters H1–H10 as an accelerator.

`docs/paper.md` says which parameter is which; H11 and H12 constrain mappings and live in
`codesign.space`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from codesign.errors import InputError
from codesign.hardware.architecture import Arithmetic, Hardware, StorageLevel

REGISTER_FILE_BANDWIDTH = 2.0
GLOBAL_BUFFER_BANDWIDTH = 16


@dataclass(frozen=True)
class Budget:
    """What the search may arrange but not exceed.

    Args:
        pes: processing elements.
        local_words: register-file words per PE, all three files together.
        global_words: words of the global buffer, all instances together.
        word_bits: bits of a word.
    """

    pes: int
    local_words: int = 220
    global_words: int = 65536
    word_bits: int = 16


@dataclass(frozen=True)
class EyerissPoint:
    """A point of the paper's hardware space; the defaults are Eyeriss's own choices.

    Args:
        h1, h2: PE mesh-X and mesh-Y.
        h3, h4, h5: local-buffer words for inputs, weights, outputs.
        h6, h7, h8: global-buffer instances, their mesh-X and mesh-Y.
        h9, h10: global-buffer block size and cluster size.
        h11, h12: dataflow option of filter width and height: 1 pinned as row-stationary has
            it, 2 left to the mapping.
    """

    h1: int
    h2: int
    h3: int = 12
    h4: int = 192
    h5: int = 16
    h6: int = 1
    h7: int = 1
    h8: int = 1
    h9: int = 4
    h10: int = 1
    h11: int = 2
    h12: int = 2

    def violation(self, budget: Budget) -> str | None:
        """The first known constraint of `docs/paper.md` that the point breaks, or None."""
        checks = (
            (self.h1 * self.h2 == budget.pes, f"H1·H2 = {budget.pes}"),
            (min(self.h3, self.h4, self.h5) >= 1, "H3, H4, H5 ≥ 1"),
            (self.h3 + self.h4 + self.h5 <= budget.local_words, f"H3+H4+H5 ≤ {budget.local_words}"),
            (self.h7 * self.h8 == self.h6, "H7·H8 = H6"),
            (self.h1 % self.h7 == 0, "H7 divides H1"),
            (self.h2 % self.h8 == 0, "H8 divides H2"),
        )
        return next((rule for holds, rule in checks if not holds), None)


def budget_of(point: EyerissPoint, budget: Budget) -> Budget:
    """The budget with the PEs that a point has, which are fewer where a space leaves them free."""
    return replace(budget, pes=point.h1 * point.h2)


def eyeriss(name: str, point: EyerissPoint, budget: Budget) -> Hardware:
    """The accelerator of a point: three register files per PE, a global buffer, DRAM.

    Raises:
        InputError: the point breaks a known constraint.
    """
    broken = point.violation(budget)
    if broken is not None:
        raise InputError(f"hardware {name}: {point} breaks the constraint {broken}")

    def register_file(label: str, entries: int, keeps: str) -> StorageLevel:
        return StorageLevel(
            label,
            entries,
            instances=budget.pes,
            mesh_x=point.h1,
            word_bits=budget.word_bits,
            read_bandwidth=REGISTER_FILE_BANDWIDTH,
            write_bandwidth=REGISTER_FILE_BANDWIDTH,
            technology="RegFile",
            keeps=frozenset({keeps}),
        )

    bandwidth = float(Fraction(GLOBAL_BUFFER_BANDWIDTH, point.h6))
    return Hardware(
        name,
        Arithmetic("MACs", budget.pes, point.h1, budget.word_bits),
        (
            register_file("PsumRegFile", point.h5, "Outputs"),
            register_file("WeightRegFile", point.h4, "Weights"),
            register_file("InputRegFile", point.h3, "Inputs"),
            # Holds nothing: it splits the PE fanout into Y below it and X above it.
            StorageLevel(
                "DummyBuffer",
                0,
                instances=point.h1 * point.h8,
                mesh_x=point.h1,
                word_bits=budget.word_bits,
                keeps=frozenset(),
            ),
            StorageLevel(
                "GlobalBuffer",
                budget.global_words // point.h6,
                instances=point.h6,
                mesh_x=point.h7,
                word_bits=budget.word_bits,
                block_size=point.h9,
                cluster_size=point.h10,
                read_bandwidth=bandwidth,
                write_bandwidth=bandwidth,
                keeps=frozenset({"Inputs", "Outputs"}),
            ),
            StorageLevel("DRAM", None, word_bits=budget.word_bits, technology="DRAM"),
        ),
    )
