"""Shapes that a model declares of what it computes: claims, checked against what follows.

Exporters record shapes of the export, and some overwrite those of the outputs. They are wrong as
soon as an input has another size. What follows from the inputs decides; a claim is used only where
nothing follows, and only if the inputs are as the model has them.
"""

from __future__ import annotations

import onnx

from codesign.reading import shown
from codesign.workload.onnx.sizes import Inputs, declared
from codesign.workload.onnx.values import Dims, Value


class Claims:
    """The declared shapes of a graph.

    Args:
        graph: the model's main graph.
        inputs: what its inputs are.
    """

    def __init__(self, graph: onnx.GraphProto, inputs: Inputs) -> None:
        entries = (*graph.value_info, *graph.output)
        self.declared = {entry.name: declared(entry, inputs.sizes) for entry in entries}
        self.is_trusted = not inputs.is_resized
        self.used: list[str] = []
        self.wrong: list[tuple[str, Dims, Dims]] = []

    def settle(self, name: str, value: Value) -> Value:
        """What a tensor is, from what follows and what is declared."""
        claim = self.declared.get(name)
        if claim is None or claim.dims is None:
            return value
        if value.dims is None or None in value.dims:
            is_compatible = value.dims is None or _agree(value.dims, claim.dims)
            if claim.shape is not None and self.is_trusted and is_compatible:
                self.used.append(name)
                return Value(claim.dims, value.element or claim.element)
            return value
        if not _agree(value.dims, claim.dims):
            self.wrong.append((name, claim.dims, value.dims))
        return value

    def notes(self) -> list[str]:
        """A sentence on claims that were wrong, and one on those that were used."""
        found = []
        if self.wrong:
            name, claimed, right = self.wrong[0]
            others = f", and {len(self.wrong) - 1} more" if len(self.wrong) > 1 else ""
            found.append(
                f"the model declares {shown(name)} as {_text(claimed)}, but it is {_text(right)}, "
                f"which was used{others}"
            )
        if self.used:
            others = f" and {len(self.used) - 1} more" if len(self.used) > 1 else ""
            found.append(
                f"taken as the model declares it, since it cannot be computed: "
                f"the shape of {shown(self.used[0])}{others}"
            )
        return found


def _agree(one: Dims, other: Dims) -> bool:
    return len(one) == len(other) and all(
        a == b or a is None or b is None for a, b in zip(one, other, strict=True)
    )


def _text(dims: Dims) -> str:
    return shown(["?" if size is None else size for size in dims]).replace("'", "")
