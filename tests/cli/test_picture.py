"""The picture of an accelerator: to scale by area, and legible."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from codesign.drawing.accelerator import (
    accelerator_figure,
    draw_accelerator,
    layout,
    part_colours,
    save_accelerator,
)
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.area import DEFAULT_AREA, AreaModel
from codesign.hardware.files import load_chip

CHIPS = sorted(path.stem for path in (Path(__file__).parents[2] / "config/hardware").glob("*.yaml"))


@pytest.mark.parametrize("name", CHIPS)
def test_areas_are_those_of_the_model(name: str) -> None:
    """Every part has as many mm² in the drawing as the area model gives it."""
    chip = load_chip(name)
    area = chip.technology.area

    blocks = layout(chip.hardware, area)

    expected = {part: mm2 for part, mm2 in area.parts_mm2(chip.hardware).items() if mm2}
    drawn = dict.fromkeys(expected, 0.0)
    for block in blocks:
        drawn[block.name] += len(block.corners) * float(block.size.prod())
    assert drawn == pytest.approx(expected, rel=1e-9)
    counts = {level.name: level.instances for level in chip.hardware.levels}
    for block in blocks:
        assert len(block.corners) == counts.get(block.name, chip.hardware.pes)


@pytest.mark.parametrize("name", CHIPS)
def test_nothing_lies_on_anything_else(name: str) -> None:
    """Blocks do not overlap: a grid of points meets each at most once, and all lie in the frame."""
    chip = load_chip(name)
    blocks = layout(chip.hardware, chip.technology.area)
    low = np.concatenate([block.corners for block in blocks])
    high = np.concatenate([block.corners + block.size for block in blocks])

    points = np.random.default_rng(0).uniform(0, high.max(axis=0) * 1.05, (2000, 2))
    inside = ((points[:, np.newaxis] > low) & (points[:, np.newaxis] < high)).all(axis=2)

    assert inside.sum(axis=1).max() == 1
    assert inside.any(axis=1).mean() > 0.5
    assert low.min() > 0


@pytest.mark.parametrize("name", CHIPS)
def test_labels_do_not_overlap(name: str) -> None:
    """Title, scale, legend and what is off the chip: all inside the figure and apart."""
    chip = load_chip(name)

    figure = accelerator_figure(chip.hardware, chip.technology.area)
    FigureCanvasAgg(figure).draw()

    (axes,) = figure.axes
    legend = axes.get_legend()
    assert legend is not None
    texts: list[Text] = [axes.title, *axes.texts, *legend.get_texts()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(texts) > len([level for level in chip.hardware.levels if level.entries != 0])
    for (one, box), (other, box_of_other) in itertools.combinations(
        zip(texts, boxes, strict=True), 2
    ):
        assert not box.overlaps(box_of_other), (one.get_text(), other.get_text())
    for text, box in zip(texts, boxes, strict=True):
        assert figure.bbox.contains(box.x0, box.y0), text.get_text()
        assert figure.bbox.contains(box.x1, box.y1), text.get_text()


@pytest.mark.parametrize("name", CHIPS)
def test_everything_on_the_chip_can_be_seen(name: str, tmp_path: Path) -> None:
    """Registers of one word too: pixels of nearly their colour are there, outside the legend."""
    from matplotlib.image import imread

    chip = load_chip(name)
    path = tmp_path / "chip.png"
    save_accelerator(chip.hardware, chip.technology.area, path, path)
    picture = imread(path)[..., :3]
    chip_only = picture[: int(picture.shape[0] * 0.7)]

    for part, colour in part_colours(chip.hardware).items():
        distance = np.abs(chip_only - np.array(to_rgb(colour))).max(axis=2)
        if part in chip.technology.area.parts_mm2(chip.hardware):
            assert (distance < 0.2).sum() > 100, part


def test_what_has_no_area_is_said_to_be_off_the_chip() -> None:
    """It is dashed, and not to scale."""
    chip = load_chip("simba")
    axes = Figure().add_subplot()

    draw_accelerator(chip.hardware, chip.technology.area, axes)

    legend = axes.get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[0] == "DRAM: off the chip, not to scale"
    assert "WeightReg: 1 word × 1024, 0.0773 mm²" in labels
    assert "DRAM" not in {block.name for block in layout(chip.hardware, chip.technology.area)}


def test_huge_and_odd_accelerators_are_drawn(tmp_path: Path) -> None:
    """Millions of PEs as one area, more levels than colours, no areas at all."""
    levels = [StorageLevel(f"Level{number}", 16, 2**20, 2**10) for number in range(11)]
    many = Hardware(
        "many",
        Arithmetic("MACs", 2**20, 2**10),
        (*levels, StorageLevel("DRAM", None, technology="DRAM")),
    )
    nothing = AreaModel("0 * word_bits", "0 * kb", "0 * kb")

    for area in (DEFAULT_AREA, nothing):
        blocks = layout(many, area)
        assert sum(len(block.corners) for block in blocks) < 1000
        drawn = sum(len(block.corners) * float(block.size.prod()) for block in blocks)
        assert drawn == pytest.approx(area.mm2(many))
        save_accelerator(many, area, tmp_path / "many.svg", tmp_path / "many.svg")
        assert (tmp_path / "many.svg").stat().st_size > 1000
