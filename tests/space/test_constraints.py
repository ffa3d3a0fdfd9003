"""A line under `constraints` in a chip's file is enough, whatever its template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.hardware import Chip, Point, load_chip
from codesign.hardware.dataflow import FREE
from codesign.search.certified import prove_codesign
from codesign.search.certified.classes import hardware_classes
from codesign.search.hardware import search_hardware
from codesign.search.settings import Search
from codesign.shipped import find
from codesign.space.chip_space import ChipSpace
from codesign.space.explain import nearest_point
from codesign.space.limits import Limits
from codesign.workload import Layer, Workload
from tests.budgets import count

LAYER = Layer.conv("layer", P=6, Q=4, C=8, K=12)
NETWORK = Workload("net", (LAYER,), (1,))

LOOSE = """\
name: loose
template: eyeriss
budget: {pes: 168}
parameters: {H1: 14, H2: 12}
space: {PEs: [42, 84, 168], H10: [1, 2, 4]}
constraints: []
"""
TINY = """\
name: tiny
parameters: {rows: 2, columns: 2, words: 4}
budget: {pes: 16}
space:
  rows: {divisors: pes}
  columns: {divisors: pes}
  words: {from: 4, to: 64, times: 2}
constraints:
- rows * columns <= pes
arithmetic: {instances: rows * columns, meshX: columns}
storage:
- {name: Local, entries: words, instances: rows * columns, meshX: columns}
- {name: DRAM, technology: DRAM}
"""


@dataclass(frozen=True)
class Case:
    """A chip's file, a constraint, and what it says in Python."""

    name: str
    constraint: str
    holds: Callable[[Point], bool]

    def text(self) -> str:
        """The file without the constraint."""
        own = {"loose": LOOSE, "tiny": TINY}
        return own.get(self.name) or find("hardware", self.name).read_text(encoding="utf-8")

    def chip(self, folder: Path, constraint: str | None = None) -> Chip:
        """The chip, with the constraint in its file."""
        text, line = self.text(), f"constraints:\n- {constraint or self.constraint}\n"
        if "constraints: []" in text:
            text = text.replace("constraints: []\n", line)
        elif "\nconstraints:\n" in text:
            text = text.replace("constraints:\n", line)
        else:
            text += line
        path = folder / f"{self.name}.yaml"
        path.write_text(text, encoding="utf-8")
        return load_chip(path)

    def plain(self, folder: Path) -> Chip:
        """The chip without the constraint."""
        path = folder / "plain.yaml"
        path.write_text(self.text(), encoding="utf-8")
        return load_chip(path)


CASES = [
    Case("eyeriss-168", "H1 <= 4 * H2", lambda p: p["H1"] <= 4 * p["H2"]),
    Case("eyeriss-168", "H3 + H5 <= H4 / 2", lambda p: p["H3"] + p["H5"] <= p["H4"] / 2),
    Case("loose", "H1 * H2 <= 84 * H9", lambda p: p["H1"] * p["H2"] <= 84 * p["H9"]),
    Case("loose", "H1 <= 4 * H2", lambda p: p["H1"] <= 4 * p["H2"]),
    Case("simba", "weight_kb >= 2 * input_kb", lambda p: p["weight_kb"] >= 2 * p["input_kb"]),
    Case("gemmini", "rows <= columns", lambda p: p["rows"] <= p["columns"]),
    Case("nvdla", "atomic_c >= atomic_k", lambda p: p["atomic_c"] >= p["atomic_k"]),
    Case("tiny", "rows * words <= 32", lambda p: p["rows"] * p["words"] <= 32),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case.name}: {case.constraint}")
def case(request: pytest.FixtureRequest) -> Case:
    return request.param  # type: ignore[no-any-return]


def test_whatever_is_proposed_keeps_to_it(case: Case, tmp_path: Path) -> None:
    """Draws, neighbours of them, and what is near; without the constraint many would not."""
    space, plain = ChipSpace(case.chip(tmp_path)), ChipSpace(case.plain(tmp_path))
    rng = np.random.default_rng(3)

    drawn = space.draw(rng, 150)
    moved = space.mutate(rng, drawn, 200)
    further = space.mutate(rng, moved, 200)
    near = [space.near(space.template.point), space.near(drawn.point(0))]
    everything = space.join([drawn, moved, further, *near])

    points = [everything.point(row) for row in range(len(everything))]
    assert all(case.holds(point) for point in points)
    assert space.broken(everything) == [None] * len(points)
    free = plain.join([plain.draw(rng, 300), plain.mutate(rng, drawn, 300)])
    assert sum(not case.holds(free.point(row)) for row in range(len(free))) > 5
    told = space.broken(free)
    assert [rule == case.constraint for rule in told] == [
        not case.holds(free.point(row)) for row in range(len(free))
    ]


def test_decoding_tells_what_breaks_it(case: Case, tmp_path: Path) -> None:
    """And an accelerator that breaks it cannot be had."""
    space, plain = ChipSpace(case.chip(tmp_path)), ChipSpace(case.plain(tmp_path))
    rng = np.random.default_rng(4)
    asked = plain.locate(plain.draw(rng, 200))

    points, fits = space.decode(asked)

    assert fits.tolist() == [case.holds(points.point(row)) for row in range(200)]
    assert not fits.all()
    bad = points.point(int(np.flatnonzero(~fits)[0]))
    with pytest.raises(InputError, match="parameters break the constraint") as error:
        space.hardware(bad)
    assert case.constraint in str(error.value)


@pytest.mark.parametrize("method", ["tpe", "bo", "random"])
def test_searches_keep_to_it(case: Case, method: str, tmp_path: Path) -> None:
    """Every trial, the start-up ones and those that a model proposes."""
    run = search_hardware([NETWORK], case.chip(tmp_path), Search(method, 14), Search("random", 5))

    assert all(case.holds(point) for point in run.points)
    assert len(run.points) == 14 or run.is_exhausted
    assert set(run.violations) == {None}
    assert run.best is not None


def test_methods_that_know_no_constraints_are_told(tmp_path: Path) -> None:
    """A trial that breaks it fails, and says which."""
    case = CASES[-1]

    run = search_hardware(
        [NETWORK], case.chip(tmp_path), Search("relax-round", 14), Search("random", 5)
    )

    for point, violation in zip(run.points, run.violations, strict=True):
        assert case.holds(point) or violation is not None


def test_proofs_refuse_it_in_a_sentence(case: Case, tmp_path: Path) -> None:
    """They replace meshes and words by others, of which the constraint might speak."""
    with pytest.raises(InputError) as error:
        prove_codesign(NETWORK, case.chip(tmp_path))

    told = str(error.value)
    assert "\n" not in told
    if case.name in ("eyeriss-168", "loose"):
        assert f"cannot honour the constraint {case.constraint!r}, which uses H" in told
    else:
        assert "a proof over accelerators expects a file with 'template: eyeriss'" in told


def test_the_nearest_that_would_do_keeps_to_it(tmp_path: Path) -> None:
    """As `codesign map --explain` has it."""
    case = Case("eyeriss-168", "H5 + 8 <= 2 * H3", lambda p: p["H5"] + 8 <= 2 * p["H3"])
    chip, plain = case.chip(tmp_path), case.plain(tmp_path)
    layer = Layer.conv("deep", R=3, K=24, C=8)
    flow = replace(chip.dataflow("row-stationary"), name="whole")
    rules = tuple(
        replace(rule, pinned=(("K", 24),)) if rule.level == "PsumRegFile" else rule
        for rule in flow.rules
    )
    flows = {FREE.name: FREE, "whole": replace(flow, rules=rules)}

    found, free = (
        nearest_point(replace(each, dataflows=flows), [layer], "whole", np.random.default_rng(0))
        for each in (chip, plain)
    )

    assert free is not None
    assert not case.holds(free[0])
    assert found is None or case.holds(found[0])


def test_one_list_is_asked_by_all(tmp_path: Path) -> None:
    """A constraint that proofs can honour changes draws, moves, checks and classes together."""
    plain = load_chip("eyeriss-168")
    chip = replace(plain, template=plain.template.constrained("H6 * H9 <= 12"))
    space, rng = ChipSpace(chip), np.random.default_rng(0)
    drawn = space.draw(rng, 200)
    batch = space.join([drawn, space.mutate(rng, drawn, 200)])

    kinds, all_kinds = (hardware_classes(each, [LAYER]) for each in (chip, plain))

    assert (batch.column("H6") * batch.column("H9") <= 12).all()
    assert all(kind.point["H6"] * kind.point["H9"] <= 12 for kind in kinds)
    assert len(kinds) < len(all_kinds)
    with pytest.raises(InputError, match=r"break the constraint 'H6 \* H9 <= 12'"):
        space.hardware(space.template.point.having(H6=6, H7=2, H8=3))


def test_a_search_for_a_point_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the chip itself keeps to the constraints, and draws hardly ever are that."""
    case = Case("eyeriss-168", "H1 * H3 + H4 * H5 == 3240", lambda p: True)
    chip = case.chip(tmp_path)
    chip = replace(chip, template=chip.template.constrained("H9 * H11 * H12 == 16", "H6 == 1"))
    monkeypatch.setattr("codesign.space.eyeriss_sampler.EyerissSampler.patience", 300)

    with pytest.raises(InputError, match=r"hardware eyeriss-168: none of .* most break") as error:
        ChipSpace(chip).draw(np.random.default_rng(0), 5)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["eyeriss-168", "simba", "gemmini", "nvdla"])
def test_limits_are_on_the_same_list(name: str) -> None:
    """Areas and PEs of draws and neighbours, on any template."""
    chip = load_chip(name)
    area = chip.technology.area
    most = area.mm2(chip.hardware)
    space = ChipSpace(chip, limits=Limits(max_area_mm2=most, max_pes=chip.hardware.pes))
    rng, number = np.random.default_rng(2), count(12, 40)

    drawn = space.draw(rng, number)
    batch = space.join([drawn, space.mutate(rng, drawn, number), space.near(chip.template.point)])

    assert {"PEs", "area"} <= {rule.name for rule in space.rules}
    near = rng.permutation(np.arange(2 * number, len(batch)))[: count(200, 20_000)]
    for row in (*range(2 * number), *near):
        hardware = space.hardware(batch.point(row))
        assert area.mm2(hardware) <= most * (1 + 1e-12)
        assert hardware.pes <= chip.hardware.pes
