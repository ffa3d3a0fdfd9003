"""The results of searches as designs, which can be written, replayed and shown."""

from __future__ import annotations

from codesign.errors import InputError
from codesign.hardware.files import Chip
from codesign.search.hardware_run import HardwareRun
from codesign.search.network import NetworkRun
from codesign.store.design import Design, LayerDesign, NetworkDesign


def network_design(run: NetworkRun) -> NetworkDesign:
    """The design of a network: the best mapping of every distinct layer, with its cost.

    Raises:
        InputError: some layer has no mapping.
    """
    layers = []
    for layer, count, search in zip(
        run.workload.layers, run.workload.counts, run.runs, strict=run.is_feasible
    ):
        best, mapping = search.best, search.best_mapping
        if best is None or mapping is None:
            raise InputError(f"layer {search.task.layer.name}: no mapping was found")
        energy_pj, cycles = float(search.costs.energy_pj[best]), int(search.costs.cycles[best])
        layers.append(LayerDesign(layer, count, mapping, energy_pj, cycles))
    return NetworkDesign(run.workload.name, tuple(layers))


def mapping_design(
    run: NetworkRun, chip: Chip, origin: dict[str, str | int | float] | None = None
) -> Design:
    """The design of a network that was mapped on a given chip.

    Raises:
        InputError: some layer has no mapping.
    """
    task = run.runs[0].task
    return Design(
        f"{run.workload.name} on {chip.hardware.name}",
        chip.hardware,
        (network_design(run),),
        task.technology,
        task.accounting,
        chip.template.point,
        chip.template.recorded_budget,
        origin or {},
        task.dataflow.factors,
    )


def hardware_design(
    run: HardwareRun, trial: int, origin: dict[str, str | int | float] | None = None
) -> Design:
    """The design of a trial of a hardware search.

    Raises:
        InputError: some layer has no mapping.
    """
    task = run.networks[trial][0].runs[0].task
    return Design(
        f"found for {', '.join(network.workload.name for network in run.networks[trial])}",
        task.hardware,
        tuple(network_design(network) for network in run.networks[trial]),
        task.technology,
        task.accounting,
        run.points[trial],
        run.chip.template.recorded_budget,
        origin or {},
        task.dataflow.factors,
    )
