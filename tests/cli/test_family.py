"""`--networks`: a family of networks in `codesign map` and `codesign search`."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from codesign.store.design_file import load_design
from codesign.store.replay import network_totals, replay
from codesign.store.table import read_metadata
from tests.cli.conftest import Command

pytest.importorskip("onnx")

import onnx
from onnx import TensorProto, helper


def _model(path: Path, channels: list[int]) -> None:
    """An ONNX model of 1 × 1 convolutions."""
    nodes, weights, before = [], [], 4
    for at, after in enumerate(channels):
        weights.append(
            helper.make_tensor(
                f"w{at}", TensorProto.FLOAT, [after, before, 1, 1], [0.0] * after * before
            )
        )
        nodes.append(helper.make_node("Conv", [f"x{at}", f"w{at}"], [f"x{at + 1}"]))
        before = after
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info("x0", TensorProto.FLOAT, [1, 4, 4, 4])],
        [helper.make_tensor_value_info(f"x{len(channels)}", TensorProto.FLOAT, [1, before, 4, 4])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """Three ONNX models and their accuracies. The second is beaten by the first in both."""
    _model(tmp_path / "small.onnx", [4])
    _model(tmp_path / "worse.onnx", [4, 16])
    _model(tmp_path / "large.onnx", [8, 8, 4])
    path = tmp_path / "mine.csv"
    path.write_text(
        "network,quality\nsmall.onnx,70.5\nworse.onnx,60\nlarge.onnx,75\n", encoding="utf-8"
    )
    return path


def test_three_models_and_their_accuracies_take_one_command(
    codesign: Command, family: Path, chip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "found"
    answer = codesign(
        *("map", "--networks", family, "--hardware", chip, "--method", "exact"),
        *("--output", folder, "--json"),
    )
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert (told["network"], told["quality"], told["candidates"]) == ("small", 70.5, 3)
    assert told["certificate"] == "optimal"
    assert told["verdicts"] == {"front": 2, "bounded": 1}
    networks = pd.read_parquet(folder / "networks.parquet")
    assert networks["network"].tolist() == ["small", "worse", "large"]
    assert networks["verdict"].tolist() == ["front", "bounded", "front"]
    bounded = networks.iloc[1]
    assert bounded["lower_bound"] >= networks["cost"].min()
    assert json.loads(read_metadata(folder / "networks.parquet")["config"])["workload"]["hash"]
    for row in (0, 2):
        design = load_design(folder / networks["design"][row])
        (total,) = network_totals(replay(design)).to_dict("records")
        assert total["edp"] == pytest.approx(networks["cost"][row], rel=1e-12)


def test_a_floor_chooses_the_cheapest_network_above_it(
    codesign: Command, family: Path, chip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "found"
    arguments = ("map", "--networks", family, "--hardware", chip, "--trials", 10)
    answer = codesign(*arguments, "--min-quality", 72, "--output", folder)
    assert answer.code == 0, answer.err
    assert "network: large, quality 75" in answer.out
    assert load_design(folder / "design.yaml").networks[0].name == "large"
    assert not (folder / "front").exists()
    # Without a family, the folder keeps nothing that belongs to one.
    workload = tmp_path / "tiny.yaml"
    workload.write_text("name: t\nlayers: [{name: a, K: 4}]\n", encoding="utf-8")
    codesign("map", "--workload", workload, "--hardware", chip, "--trials", 2, "--output", folder)
    assert not (folder / "networks.parquet").exists()


def test_accelerators_are_searched_with_the_family(
    codesign: Command, family: Path, chip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "found"
    arguments = ("search", "--networks", family, "--hardware-space", chip, "--output", folder)
    few = ("--method", "random", "--hardware-trials", 3, "--mapping-trials", 10)
    answer = codesign(*arguments, *few, "--min-quality", 65)
    assert answer.code == 0, answer.err
    trials = pd.read_parquet(folder / "trials.parquet")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert set(trials["network"]) <= {"small", "large"}
    assert (summary["network"], summary["quality"]) == ("small", 70.5)
    assert load_design(folder / "design.yaml").name == "found for small"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--min-quality", 99), "no network has a quality of at least 99; the best has 75"),
        (("--workload", "dqn"), "--workload and --networks are both given"),
        (("--layer", "a"), "--layer is given with --networks"),
    ],
)
def test_what_does_not_suit_a_family_is_refused(
    codesign: Command,
    family: Path,
    chip: Path,
    tmp_path: Path,
    arguments: tuple[object, ...],
    message: str,
) -> None:
    output = tmp_path / "found"
    answer = codesign(
        "map", "--networks", family, "--hardware", chip, "--output", output, *arguments
    )
    assert answer.code == 2
    assert message in answer.err
    assert not output.exists()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("f.csv", "network;quality\n", "expected the columns network and quality"),
        ("f.csv", "network,quality\ndqn,good\n", "line 2: quality is 'good', expected a number"),
        ("f.csv", "network,quality\ndqn\n", "line 2: 1 values, expected 2"),
        ("f.csv", "network,quality\nnone.onnx,1\n", "line 2: "),
        ("f.csv", "network,quality\ndqm,1\n", "did you mean 'dqn'?"),
        ("f.csv", "network,quality\n", "it has no networks"),
        ("f.csv", 'network,quality\n"dqn,1\n', "not a CSV file"),
        ("f.yaml", "name: f\nnetworks: [{network: dqn}]\n", "the field 'quality' is missing"),
        ("f.yaml", "name: f\nnetworks: []\ncells: {}\n", "it has 'networks' and 'cells'"),
        ("f.yaml", "name: f\ncells: {table: t.parquet, quality: q, depth: 0}\n", "depth is 0"),
        ("f.yaml", "name: f\ncells: {table: t.parquet, quality: q}\n", "t.parquet"),
    ],
)
def test_a_bad_family_is_refused_in_one_sentence(
    codesign: Command, chip: Path, tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    output = tmp_path / "found"
    answer = codesign("map", "--networks", path, "--hardware", chip, "--output", output)
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert not output.exists()


@pytest.mark.slow
def test_a_table_of_cells_is_a_family(codesign: Command, chip: Path, tmp_path: Path) -> None:
    cells = [
        f"|{op}~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
        for op in ("none", "nor_conv_1x1")
    ]
    cells.append("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|none~2|")
    table = pd.DataFrame({"cell": cells, "accuracy": [50.0, 49.0, 90.0]})
    table.to_parquet(tmp_path / "cells.parquet")
    path = tmp_path / "cells.yaml"
    path.write_text(
        "name: cells\n"
        "cells: {table: cells.parquet, quality: accuracy, inputs: 8, channels: [2, 4], depth: 1}\n",
        encoding="utf-8",
    )
    folder = tmp_path / "found"
    answer = codesign(
        *("map", "--networks", path, "--hardware", chip, "--trials", 10, "--output", folder)
    )
    assert answer.code == 0, answer.err
    networks = pd.read_parquet(folder / "networks.parquet")
    assert networks["network"].tolist() == cells
    # The second cell's convolution leads nowhere, so it costs as much as the first.
    assert networks["cost"][0] == networks["cost"][1] < networks["cost"][2]
    assert networks["verdict"].tolist() == ["front", "beaten", "front"]
