"""A family of networks, each with a quality: the distinct layers of all, and how often each has
them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from codesign.display import Displayed, plural
from codesign.errors import InputError
from codesign.workload.layer import Layer
from codesign.workload.workload import Workload

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Family(Displayed):
    """N networks that are alternatives to each other. Layers of equal content are one layer.

    Args:
        name: the family's name.
        names: [N], the names of the networks.
        quality: [N], the quality of each network; more is better. It may be NaN only by a caller
            that drops such networks (`at_least`).
        layers: [L], the distinct layers of all networks.
        counts: [N, L], how often each network has each layer; 0 if it does not have it.

    Raises:
        InputError: there is no network, two have the same name, or one has no layer.
    """

    name: str
    names: tuple[str, ...]
    quality: NDArray[np.float64]
    layers: tuple[Layer, ...]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not self.names:
            raise InputError(f"family {self.name}: it has no networks, expected at least one")
        seen: set[str] = set()
        for name in self.names:
            if name in seen:
                raise InputError(f"family {self.name}: two networks are called {name!r}")
            seen.add(name)
        for row in np.flatnonzero(self.counts.sum(axis=1) == 0)[:1]:
            raise InputError(f"family {self.name}: network {self.names[row]!r} has no layer")

    @classmethod
    def of(cls, name: str, networks: Sequence[Workload], quality: Sequence[float]) -> Family:
        """The family of some networks with their qualities.

        Raises:
            InputError: a quality is not finite, or see the class.
        """
        for network, value in zip(networks, quality, strict=True):
            if not math.isfinite(value):
                raise InputError(
                    f"family {name}: quality of {network.name!r} is {value!r}, expected a number"
                )
        layers: dict[tuple[object, ...], Layer] = {}
        rows = []
        for network in networks:
            row: dict[tuple[object, ...], int] = {}
            for layer, count in zip(network.layers, network.counts, strict=True):
                layers.setdefault(layer.content, layer)
                row[layer.content] = row.get(layer.content, 0) + count
            rows.append(row)
        counts = np.array([[row.get(key, 0) for key in layers] for row in rows], np.int64)
        return cls(
            name,
            tuple(network.name for network in networks),
            np.array(quality, np.float64),
            _with_own_names(list(layers.values())),
            counts.reshape(len(networks), len(layers)),
        )

    def __len__(self) -> int:
        return len(self.names)

    def network(self, row: int) -> Workload:
        """One of the networks, with its distinct layers."""
        has = np.flatnonzero(self.counts[row])
        return Workload(
            self.names[row],
            tuple(self.layers[at] for at in has),
            tuple(int(count) for count in self.counts[row, has]),
        )

    def select(self, rows: NDArray[np.int64]) -> Family:
        """The family of some of the networks, without the layers that none of them has."""
        counts = self.counts[rows]
        has = np.flatnonzero(counts.any(axis=0))
        return Family(
            self.name,
            tuple(self.names[row] for row in rows),
            self.quality[rows],
            tuple(self.layers[at] for at in has),
            counts[:, has],
        )

    def at_least(self, quality: float) -> Family:
        """The networks of at least this quality.

        Raises:
            InputError: there is none.
        """
        rows = np.flatnonzero(self.quality >= quality)
        if not len(rows):
            best = float(np.nanmax(self.quality))
            raise InputError(
                f"family {self.name}: no network has a quality of at least {quality:g}; "
                f"the best has {best:g}"
            )
        return self.select(rows)

    def leading(self) -> NDArray[np.int64]:
        """The networks that may be worth their cost on some accelerator, ascending.

        A network is left out if another one has at least its quality, and no layer more often:
        whatever the accelerator, that one does not cost more. Of networks that are equal in both,
        the first stays.
        """
        # Equal counts cost the same, so only the best network of each row of counts matters.
        order = np.lexsort((np.arange(len(self)), -self.quality))
        _, first = np.unique(self.counts[order], axis=0, return_index=True)
        kept: list[int] = []
        for row in order[np.sort(first)]:
            # In this order, only an earlier network has at least the quality.
            if not any((self.counts[other] <= self.counts[row]).all() for other in kept):
                kept.append(int(row))
        return np.array(sorted(kept), np.int64)

    def summary(self) -> str:
        """Name, number of networks, range of qualities, and number of distinct layers."""
        low, high = np.nanmin(self.quality), np.nanmax(self.quality)
        layers = plural(len(self.layers), "distinct layer")
        return f"{self.name}: {plural(len(self), 'network')}, {low:g} to {high:g}, {layers}"

    def to_frame(self) -> pd.DataFrame:
        """One row per network: `network, quality, layers, macs`, with counts included."""
        import pandas as pd

        macs = np.array([float(layer.macs) for layer in self.layers])
        return pd.DataFrame(
            {
                "network": self.names,
                "quality": self.quality,
                "layers": self.counts.sum(axis=1),
                "macs": (self.counts * macs).sum(axis=1),
            }
        )


def _with_own_names(layers: list[Layer]) -> tuple[Layer, ...]:
    """The layers with names that differ: layers of two networks may have the same name."""
    import dataclasses

    used: set[str] = set()
    named = []
    for layer in layers:
        name, number = layer.name, 1
        while name in used:
            number += 1
            name = f"{layer.name}-{number}"
        used.add(name)
        named.append(layer if name == layer.name else dataclasses.replace(layer, name=name))
    return tuple(named)
