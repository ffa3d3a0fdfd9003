"""Networks survive the way through their table."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.store.table import read_table
from codesign.study.searches import workloads
from codesign.study.searches.workloads import layer_table, workload_of
from codesign.workload import GROUPED_CONV, Layer, Workload, load_workload


@pytest.mark.parametrize("name", ["resnet", "dqn", "mlp", "transformer", "resnet18"])
def test_table_keeps_a_network(name: str) -> None:
    """What comes back has the same distinct layers and counts."""
    network = load_workload(name)

    back = workload_of(layer_table(network, "Model"))

    assert back.name == "Model"
    assert back.layers == network.distinct().layers
    assert back.counts == network.distinct().counts


def test_table_merges_equal_layers_and_keeps_any_shape() -> None:
    """Equal layers are one row with their counts added; grouped convolutions are as welcome."""
    one = Layer.of(GROUPED_CONV, "one", G=4, P=8, R=3)
    two = Layer.of(GROUPED_CONV, "two", G=4, P=8, R=3)

    table = layer_table(Workload("net", (one, two), (2, 3)), "Net")

    assert table[["layer", "count", "sizes", "macs"]].to_numpy().tolist() == [
        ["one", 5, "R3 P8 G4", 96]
    ]
    assert workload_of(table).layers == (one,)


def test_comments_do_not_reach_the_table(tmp_path: Path) -> None:
    """Two files that say the same give the same bytes."""
    from codesign.study.__main__ import main

    texts = ("name: a\nlayers:\n  - {name: x, P: 4}\n", "# why\nname: a\nlayers: [{name: x, P: 4}]")
    outputs = []
    for number, text in enumerate(texts):
        source, output = tmp_path / f"{number}.yaml", tmp_path / f"{number}.parquet"
        source.write_text(text)
        arguments = ["--model", "A", "--workload", str(source), "--output", str(output)]
        assert main(["workloads", *arguments]) == 0
        outputs.append(output)

    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert list(read_table(outputs[0])["layer"]) == ["x"]
    assert workloads.workload_of(read_table(outputs[0])).layers[0].size("P") == 4


def test_a_bad_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with status 1 and says what is wrong, without a traceback."""
    from codesign.study.__main__ import main

    source = tmp_path / "w.yaml"
    source.write_text("name: a\nlayers: [{name: x, P: 0}]")
    arguments = ["--model", "A", "--workload", str(source), "--output", str(tmp_path / "o")]

    assert main(["workloads", *arguments]) == 1
    assert "P is 0, expected a whole number" in capsys.readouterr().err
