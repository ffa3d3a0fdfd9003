"""From a model to a network: layers with counts, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from codesign.errors import InputError
from codesign.reading import MAX_INTEGER, MAX_ITEMS
from codesign.workload.layer import Layer
from codesign.workload.onnx.claims import Claims
from codesign.workload.onnx.expansion import check_expansion
from codesign.workload.onnx.findings import Found, Frame, Undecided
from codesign.workload.onnx.load import load_model
from codesign.workload.onnx.names import labels
from codesign.workload.onnx.operators.registry import Bits, Part, UnsupportedError, read_operator
from codesign.workload.onnx.sizes import read_inputs
from codesign.workload.onnx.walk import Walk, versions
from codesign.workload.workload import Workload


@dataclass(frozen=True)
class Skipped:
    """An operator that computes but is not a layer.

    Args:
        name, kind: its own name, and the operator.
        reason: why.
        macs: its multiply-accumulates in all; None where they cannot be counted.
        times: how often the model runs it.
    """

    name: str
    kind: str
    reason: str
    macs: int | None = None
    times: int = 1


@dataclass(frozen=True)
class Extract:
    """What became of a model.

    Args:
        workload: its layers; equal ones are one, with their number as count.
        bits: the widths of each layer's words, in the order of `workload.layers`.
        skipped: operators that compute but could not be expressed. Their work is missing.
        ignored: operators that multiply and accumulate nothing, by kind.
        notes: sentences on what the model declares and is not so.
    """

    workload: Workload
    bits: tuple[Bits, ...]
    skipped: tuple[Skipped, ...]
    ignored: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def skipped_macs(self) -> int:
        """Multiply-accumulates of what was left out, as far as they can be counted."""
        return sum(item.macs or 0 for item in self.skipped)


def extract_workload(
    path: Path,
    name: str | None = None,
    sizes: Mapping[str, int] | None = None,
    numbers: Mapping[str, int] | None = None,
) -> Extract:
    """Reads the layers of an ONNX model.

    Args:
        path: the `.onnx` file; weights in files beside it are not read.
        name: of the workload; by default that of the file.
        sizes: values of open dimensions, such as the batch: by name, or INPUT.AXIS.
        numbers: values of inputs that are one number each, which branches may depend on.

    Raises:
        InputError: not an ONNX model, or one beyond the bounds; an open dimension without a size;
            a layer whose shape is not known; or no layer at all.
    """
    model = load_model(path)
    inputs = read_inputs(model.graph, sizes or {}, path, numbers)
    claims = Claims(model.graph, inputs)
    frame = Frame(versions(model.opset_import), dict(inputs.values), claims=claims)
    content = _Content()
    try:
        check_expansion(model)
        Walk(model).graph(model.graph, frame)
        content.add(frame.found)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    merged = content.merged(path)
    whole = Workload(name or path.stem, tuple(merged), tuple(count for count, _ in merged.values()))
    return Extract(
        whole,
        tuple(bits for _, bits in merged.values()),
        tuple(content.skipped),
        dict(sorted(content.ignored.items())),
        tuple(claims.notes()),
    )


@dataclass
class _Content:
    """Everything that a model does, sorted into layers, what is left out, and the rest."""

    parts: list[Part] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def add(self, found: Iterable[Found | Undecided]) -> None:
        """Sorts findings; `InputError` where a layer's shape is not known."""
        for item in found:
            if isinstance(item, Undecided):
                self._add_undecided(item)
                continue
            operator = item.operator
            try:
                parts = read_operator(operator)
            except UnsupportedError as error:
                macs = None if error.macs is None else error.macs * item.times
                self.skipped.append(
                    Skipped(operator.name, operator.kind, str(error), macs, item.times)
                )
                continue
            if not parts and operator.kind != "Constant":
                self.ignored[operator.kind] += item.times
            self.parts += [replace(part, count=part.count * item.times) for part in parts or []]

    def _add_undecided(self, item: Undecided) -> None:
        """Bodies with equal layers are read; others are left out, with the largest count."""
        try:
            bodies = [_content(found) for found in item.bodies]
        except InputError:
            self.skipped.append(Skipped(item.name, item.kind, item.reason, None, item.times))
            return
        first = bodies[0] if bodies else _Content()
        is_sure = len(bodies) > 1 and all(body.work() == first.work() for body in bodies)
        if is_sure and not any(body.skipped for body in bodies):
            self.parts += [replace(part, count=part.count * item.times) for part in first.parts]
            self.ignored[item.kind] += item.times
            return
        if bodies and not any(body.parts or body.skipped for body in bodies):
            self.ignored[item.kind] += item.times
            return
        macs = max((body.macs() for body in bodies), default=None)
        whole = None if macs is None else macs * item.times
        self.skipped.append(Skipped(item.name, item.kind, item.reason, whole, item.times))

    def work(self) -> Counter[object]:
        """What is computed, whatever it is called."""
        counted: Counter[object] = Counter()
        for part in self.parts:
            counted[part.layer.content] += part.count
        return counted

    def macs(self) -> int:
        """All multiply-accumulates, what is left out included."""
        layers = sum(part.layer.macs * part.count for part in self.parts)
        return layers + sum(item.macs or 0 for item in self.skipped)

    def merged(self, path: Path) -> dict[Layer, tuple[int, Bits]]:
        """Layers with their counts and widths; equal ones of equal widths are one."""
        if not self.parts:
            raise InputError(f"{path}: {self._nothing()}")
        names = labels([part.layer.name for part in self.parts])
        firsts: dict[tuple[object, Bits], tuple[Layer, int]] = {}
        for part, label in zip(self.parts, names, strict=True):
            key = (part.layer.content, part.bits)
            named = replace(part.layer, name=label).with_bits(part.bits.given)
            layer, count = firsts.get(key, (named, 0))
            firsts[key] = (layer, count + part.count)
        if len(firsts) > MAX_ITEMS:
            raise InputError(
                f"{path}: {len(firsts)} different layers, expected at most {MAX_ITEMS}"
            )
        for layer, count in firsts.values():
            if count > MAX_INTEGER:
                raise InputError(
                    f"{path}: layer {layer.name} runs {count} times, expected at most {MAX_INTEGER}"
                )
        return {layer: (count, bits) for (_, bits), (layer, count) in firsts.items()}

    def _nothing(self) -> str:
        """Why there is no layer."""
        there = sorted({*self.ignored, *(item.kind for item in self.skipped)})
        text = f"no layer among its operators, which are {', '.join(there[:12])}"
        text += " and others" if len(there) > 12 else ""
        reasons = [f"{item.name} ({item.kind}): {item.reason}" for item in self.skipped[:4]]
        return f"{text}; left out: {'; '.join(reasons)}" if reasons else text


def _content(found: Sequence[Found | Undecided]) -> _Content:
    content = _Content()
    content.add(found)
    return content
