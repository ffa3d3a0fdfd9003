"""More hardware does not make the optimum worse: laws that hold for every layer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.cost import Evaluator
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.search.exact import exhaust
from codesign.search.network import map_network
from codesign.search.objective import COSTS
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.workload import Layer, Workload
from tests.budgets import count

few = settings(max_examples=count(5, 12), deadline=None, derandomize=True, database=None)

SIZES = st.sampled_from([1, 2, 3, 4, 6])
LAYERS = st.builds(
    lambda p, c, k: Layer.conv("layer", P=p, C=c, K=2 * k), SIZES, SIZES, st.sampled_from([1, 2, 3])
)


def hardware(pes: int = 4, words: int = 12, bandwidth: float | None = None) -> Hardware:
    """PEs in a row, each with registers, below a memory; an access costs the same at any size."""
    registers = StorageLevel(
        "Registers", words, instances=pes, mesh_x=pes, vector_access_pj=0.5, technology="RegFile"
    )
    memory = StorageLevel(
        "DRAM", None, technology="DRAM", read_bandwidth=bandwidth, write_bandwidth=bandwidth
    )
    return Hardware("hardware", Arithmetic("MACs", pes, pes), (registers, memory))


def least(layer: Layer, chip: Hardware, objective: str, accounting: str) -> float:
    """The optimum of a layer on an accelerator, proven by pricing everything."""
    task = MappingTask(layer, chip, accounting=accounting)
    result = exhaust(task, objective)
    assert result.certificate.verdict == "optimal"
    costs = Evaluator(layer, chip, accounting=accounting).price(result.best)
    return float(getattr(costs, COSTS[objective])[0])


def never_rises(values: Sequence[float]) -> bool:
    return all(later <= before for before, later in itertools.pairwise(values))


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@few
@given(LAYERS, st.sampled_from([None, 0.5, 2.0]))
def test_more_pes_never_take_longer(accounting: str, layer: Layer, bandwidth: float | None) -> None:
    """A mapping that leaves the new ones idle is a mapping still."""
    found = [
        least(layer, hardware(pes, bandwidth=bandwidth), "delay", accounting)
        for pes in (1, 2, 4, 8)
    ]

    assert never_rises(found)
    assert found[0] >= layer.macs
    assert found[-1] >= layer.macs / 8


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@few
@given(LAYERS)
def test_larger_registers_never_raise_the_edp(accounting: str, layer: Layer) -> None:
    """Tiles that fit a small memory fit a large one, at the same energy per access."""
    found = [
        least(layer, hardware(words=words), "edp", accounting)
        for words in (3, 4, 6, 9, 14, 40, 200)
    ]

    assert never_rises(found)


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@few
@given(LAYERS)
def test_halves_add_up(accounting: str, layer: Layer) -> None:
    """Two halves cost twice one half, and the whole no more than they do: one after the other is a
    mapping of it."""
    half = Layer.conv("half", P=layer.size("P"), C=layer.size("C"), K=layer.size("K") // 2)
    other = Layer.conv("other", P=layer.size("P"), C=layer.size("C"), K=layer.size("K") // 2)
    chip = hardware()
    once, twice, two = (
        map_network(network, chip, Search("exact", 250), accounting=accounting)
        for network in (
            Workload("once", (half,), (1,)),
            Workload("twice", (half,), (2,)),
            Workload("two", (half, other), (1, 1)),
        )
    )

    assert (twice.energy_pj, twice.cycles) == (2 * once.energy_pj, 2 * once.cycles)
    assert (two.energy_pj, two.cycles) == (twice.energy_pj, twice.cycles)
    assert two.edp == 4 * once.edp
    assert least(layer, chip, "edp", accounting) <= twice.edp * (1 + 1e-12)
