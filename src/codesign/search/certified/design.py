"""The best accelerator of a proof as a design, which can be written, replayed and shown."""

from __future__ import annotations

from codesign.cost import Evaluator
from codesign.hardware.files import Chip
from codesign.mapping import MappingBatch
from codesign.search.certified.proof import Proof
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.workload.workload import Workload


def proven_design(proof: Proof, workload: Workload, chip: Chip, accounting: str) -> Design:
    """The design of a proof of `workload` on `chip`.

    Raises:
        InputError: the proof's accelerator is not in the chip's space.
    """
    distinct, point = workload.distinct(), proof.best.point
    hardware = chip.template.hardware(point, "found")
    layers = []
    for layer, count, mapping in zip(
        distinct.layers, distinct.counts, proof.best.mappings, strict=True
    ):
        evaluator = Evaluator(layer, hardware, chip.technology, accounting)
        costs = evaluator.price(MappingBatch.of(layer.shape, [mapping]))
        layers.append(
            LayerDesign(layer, count, mapping, float(costs.energy_pj[0]), int(costs.cycles[0]))
        )
    return Design(
        f"certified for {workload.name}",
        hardware,
        (NetworkDesign(distinct.name, tuple(layers)),),
        chip.technology,
        accounting,
        point,
        chip.template.recorded_budget,
        {"search": "certified", "certificate": proof.verdict},
    )
