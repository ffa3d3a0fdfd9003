"""Samplers: feasible mappings per second, drawn directly, moved, or drawn raw and rejected."""

from __future__ import annotations

import numpy as np

from benchmarks.cases import layer_named
from benchmarks.timing import Timing, race
from codesign.space.mapping_space import MapSpace

COUNT = 5000


def run() -> list[Timing]:
    """The constructive sampler against the paper's rejection sampler."""
    found = []
    for name in ("ResNet-K1", "DQN-K1", "MLP-K1", "Transformer-K3"):
        layer, chip = layer_named(name)
        for dataflow in ("row-stationary", "free"):
            space = MapSpace(layer, chip.hardware, chip.dataflow(dataflow))
            rng = np.random.default_rng(0)
            points = space.draw(rng, COUNT)
            contestants = {
                "constructive": (COUNT, lambda s=space, r=rng: s.draw(r, COUNT)),
                "neighbours": (COUNT, lambda s=space, r=rng, p=points: s.mutate(r, p, COUNT)),
                "rejection": (200, lambda s=space, r=rng: s.reject(r, 200)),
            }
            found += race("samplers", f"{name}, {dataflow}", "feasible mappings", contestants)
    return found
