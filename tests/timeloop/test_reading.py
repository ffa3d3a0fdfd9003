"""Files that others wrote for Timeloop: what is read, and how one is told what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.cost import evaluate
from codesign.errors import InputError
from codesign.hardware import Hardware
from codesign.store.design import Design
from codesign.timeloop import import_files
from codesign.workload import CONV, Layer, Workload
from tests.timeloop import forms
from tests.timeloop.importing import imported, write

ARCH = """\
arch:
  arithmetic: {instances: 16, meshX: 4, word-bits: 8}
  storage:
  - {name: Spad, depth: 32, n_words: 2, meshX: 4, meshY: 4, datawidth: 8, num-ports: 1}
  - {name: Buffer, sizeKB: 4, instances: 4, meshY: 1, technology: 16nm, width: 16, bandwidth: 8}
  - {name: Main, technology: DRAM, instances: 1}
  constraints:
  - {target: Spad, type: datatype, bypass: [Outputs]}
"""
PROBLEM = "problem: {R: 3, S: 1, P: 4, Q: 1, C: 8, K: 4, N: 1, Wstride: 2, commonDensity: 1.0}\n"
MAPPING = """\
mapping:
- {target: 0, type: temporal, factors: C2 R0, permutation: RC}
- {target: Buffer, type: spatial, factors: "K=4", permutation: K, split: 0}
- {target: Main, type: spatial, factors: [C=4], permutation: [C]}
- {target: 2, type: temporal, factors: P4, permutation: P QRS CKN}
- {target: Spad, type: bypass, keep: [Weights], bypass: [Outputs]}
"""

NODES = """\
architecture:
  version: 0.4
  nodes:
  - !Container {name: system, attributes: {technology: 45nm}}
  - !Component
    name: DRAM
    class: DRAM
    attributes: {type: LPDDR4, width: 64, datawidth: 16}
  - !Component
    name: glb
    class: smartbuffer_SRAM
    attributes: {depth: 2048, width: 64, datawidth: 16, n_banks: 4, read_bandwidth: 16}
    constraints: {dataspace: {keep: [Inputs, Outputs], bypass: [Weights]}}
  - !Container
    name: PE
    spatial: {meshX: 4, meshY: 2}
  - !Parallel
    nodes:
    - !Component
      name: weights
      class: storage
      subclass: smartbuffer_RF
      attributes: {depth: 192, width: 16, datawidth: 16}
      constraints: {dataspace: {keep: [Weights]}}
    - !Component
      name: sums
      class: storage
      subclass: smartbuffer_RF
      attributes: {depth: 16, width: 16, datawidth: 16}
      constraints: {dataspace: {keep: [Outputs]}}
    - !Nothing {constraints: {dataspace: {keep: [Inputs]}}}
  - !Component
    name: mac
    class: intmac
    attributes: {multiplier_width: 8, adder_width: 16}
"""


def test_an_architecture(tmp_path: Path) -> None:
    """Timeloop's other names for keys, both ways to give a mesh, and constraints on bypass."""
    hardware = imported(write(tmp_path, arch=ARCH), "chip")

    assert isinstance(hardware, Hardware)
    spad, buffer, main = hardware.levels
    assert (spad.entries, spad.block_size, spad.mesh_x, spad.mesh_y) == (64, 2, 4, 4)
    assert spad.keeps == {"Weights", "Inputs"}
    assert (buffer.entries, buffer.mesh_x, buffer.cluster_size) == (2048, 4, 1)
    assert (buffer.read_bandwidth, buffer.technology) == (4.0, "SRAM")
    assert (main.entries, main.technology) == (None, "DRAM")
    assert hardware.fanouts == ((1, 1), (1, 4), (4, 1))


def test_a_problem_without_a_shape_is_a_convolution(tmp_path: Path) -> None:
    """As Timeloop has it; what is not given of strides is 1."""
    network = imported(write(tmp_path, conv1=PROBLEM), "net")

    assert isinstance(network, Workload)
    expected = Layer.conv("conv1", R=3, P=4, C=8, K=4, Wstride=2)
    assert network.layers == (expected,)
    assert network.layers[0].shape is CONV


def test_a_shape_by_name(tmp_path: Path) -> None:
    """That of Timeloop's matrix products; sizes may stand under `instance`."""
    text = "problem: {shape: gemm-ABZ, instance: {M: 4, N: 8, K: 2}}"

    network = imported(write(tmp_path, gemm=text), "net")

    assert isinstance(network, Workload)
    assert network.layers[0].sizes == (4, 8, 2)
    assert network.layers[0].shape.dataspace_names == ("A", "B", "Z")


def test_a_mapping(tmp_path: Path) -> None:
    """Targets by number, factors of 0 for a whole dimension, what is left out is 1."""
    design = imported(write(tmp_path, arch=ARCH, layer=PROBLEM, map=MAPPING), "x")

    assert isinstance(design, Design)
    (entry,) = design.networks[0].layers
    spad, buffer, main = entry.mapping.levels
    assert spad.temporal == (("R", 3), ("C", 2))
    assert spad.bypass == {"Outputs"}
    assert (buffer.spatial, buffer.temporal) == ((("K", "Y", 4),), ())
    assert (main.spatial, main.temporal) == ((("C", "X", 4),), (("P", 4),))


def test_one_file_may_hold_everything(tmp_path: Path) -> None:
    """As in Timeloop, which merges its files; settings of its programs say nothing to us."""
    both = write(tmp_path, all=ARCH + PROBLEM + MAPPING + "model: {verbose: true}\n")

    assert isinstance(imported(both, "x"), Design)


def test_nodes(tmp_path: Path) -> None:
    """Containers multiply, parallel components keep what is theirs."""
    hardware = imported(write(tmp_path, arch=NODES), "chip")

    assert isinstance(hardware, Hardware)
    sums, weights, glb, dram = hardware.levels
    assert [level.name for level in hardware.levels] == ["sums", "weights", "glb", "DRAM"]
    assert (weights.keeps, sums.keeps) == ({"Weights"}, {"Outputs"})
    assert (weights.technology, glb.technology) == ("RegFile", "SRAM")
    assert (glb.entries, glb.block_size, glb.read_bandwidth) == (8192, 4, 16.0)
    assert glb.keeps == {"Inputs", "Outputs"}
    assert (dram.block_size, dram.entries) == (4, None)
    assert (hardware.pes, hardware.arithmetic.word_bits) == (8, 8)
    assert hardware.fanouts == ((1, 1), (1, 1), (4, 2), (1, 1))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "sizeKB: 4",
            "sizeKb: 4",
            "arch: storage.1.*unknown field 'sizeKb' .did you mean 'sizeKB'",
        ),
        ("depth: 32", "depth: 32, network_fill: noc", "unknown field 'network_fill'"),
        ("meshY: 1", "meshY: 3", "meshY is 3, expected a divisor of the 4 instances"),
        ("width: 16", "width: 17", "width is 17, expected a multiple"),
        ("target: Spad, type: datatype", "target: Sp, type: bypass", "did you mean 'Spad'"),
        ("word-bits: 8}", "word-bits: 8, energy: 3.5}", "energy is 3.5, expected .*--technology"),
        ("R: 3,", "", "problem: the field 'R' is missing"),
        ("R: 3", "R: 3.5", "R is 3.5, expected a whole number"),
        ("N: 1", "N: 1, X: 2", "unknown field 'X'"),
        ("commonDensity: 1.0", "commonDensity: 0.5", "a density is 0.5, expected 1"),
        ("R: 3", "shape: conv2d, R: 3", "shape is 'conv2d', expected one of cnn-layer"),
        ("C2 R0", "C2 R0 X3", "factors is 'C2 R0 X3', expected each of R S P Q C K N"),
        ("C2 R0", "C2 R1", "factors of R multiply to 1, expected 3"),
        ("C2 R0", '"R3 C2,1"', "expected factors such as"),
        ("permutation: RC", "permutation: R", "permutation is 'R', expected C among them"),
        ("permutation: RC", "permutation: RR", "permutation is 'RR', expected each"),
        ("target: 0", "target: 3", "target is 3, expected a whole number from 0 to 2"),
        ("target: Main", "target: Mian", "target is 'Mian'.*did you mean 'Main'"),
        ("type: spatial, factors: [", "type: spacial, factors: [", "did you mean 'spatial'"),
        ("keep: [Weights]", "keep: [Outputs]", "not to name Outputs, which is also under keep"),
        ("bypass: [Outputs]}\n", "bypass: [Outputs]}\n- {target: 0, type: bypass}\n", "second"),
        ("mapping:", "ERT: {}\nmapping:", "energies come from an energy table"),
    ],
)
def test_errors_name_file_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """Every part of a set of files has its ways to be wrong."""
    text = ARCH + PROBLEM + MAPPING
    assert old in text
    paths = write(tmp_path, whole=text[::-1].replace(old[::-1], new[::-1], 1)[::-1])

    with pytest.raises(InputError, match=expected) as error:
        import_files(paths, "x")
    assert str(paths[0]) in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("!Container {name: system", "{name: system", "nodes.0.: no tag, expected one of"),
        ("!Parallel", "!Pipelined", "line .*!Pipelined"),
        ("keep: [Weights]", "bypass: [Weights]", "weights is in a !Parallel, expected a dataspace"),
        ("n_banks: 4", "metadata: 4", "unknown field 'metadata': sparse data is not modelled"),
        ("n_banks: 4", "read_bandwith: 4", "unknown field 'read_bandwith' .did you mean"),
        ("class: intmac", "class: adder", "4 storage and 0 compute"),
        ("width: 64, datawidth: 16, n", "width: 60, datawidth: 16, n", "width is 60"),
        (
            "depth: 2048",
            "depth: 2 * words",
            "depth is '2 \\* words', expected a number, or a formula",
        ),
        ("version: 0.4", "version: 0.5", "version is 0.5, expected 0.4"),
    ],
)
def test_nodes_that_have_no_counterpart(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """Are told by their place in the file."""
    assert old in NODES

    with pytest.raises(InputError, match=expected):
        import_files(write(tmp_path, arch=NODES.replace(old, new, 1)), "x")


OTHER_ARCH = ARCH.replace("instances: 16", "instances: 32")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": ARCH, "c": MAPPING}, "a mapping and 0 problems in this folder"),
        ({"b": PROBLEM, "c": MAPPING}, "a mapping and 0 architectures in this folder"),
        ({"a": ARCH, "b": PROBLEM, "c": MAPPING, "d": PROBLEM}, None),
        (
            {"a": ARCH, "b": PROBLEM, "c": MAPPING, "d": PROBLEM.replace("4", "8")},
            "a mapping and 2 problems",
        ),
        (
            {"a": ARCH, "b": PROBLEM, "c": MAPPING, "e": OTHER_ARCH},
            "a mapping and 2 architectures",
        ),
        ({"a": ARCH, "b": PROBLEM, "c": MAPPING.replace("C2", "C3")}, "factors of C multiply"),
    ],
)
def test_a_mapping_needs_a_problem_and_an_architecture(
    tmp_path: Path, files: dict[str, str], expected: str | None
) -> None:
    """It is told if there is none or more than one; what else there is is read."""
    paths = write(tmp_path, **files)
    read = import_files(paths, "x")

    others = {"architecture": "network", "problem": "accelerator"}
    missing = next((other for kind, other in others.items() if f"0 {kind}" in str(expected)), None)
    first = "design" if expected is None else missing or "accelerator"
    assert read.found[0].kind == first
    if expected is not None:
        mapping = tmp_path / "c.yaml"
        assert read.refused == {mapping}
        assert expected in read.files[mapping]
        assert str(mapping) in read.files[mapping]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"c": MAPPING}, "a mapping and 0 problems in this folder"),
        ({"a": "x: 1"}, "none of the keys arch, architecture"),
        ({"a": "mapper: {}"}, "no part of a design: mapper"),
        ({"a": "mapspace_constraints: [{target: 0}]"}, "constraints without an architecture"),
        ({"a": "arch: [1, 2"}, "not valid YAML"),
        ({"a": "arch: &x {storage: []}\nproblem: *x"}, "the field 'R' is missing"),
        ({"a": "arch: [1, 2", "b": "x: 1"}, "none of 2 files could be read; the first: .*a.yaml"),
    ],
)
def test_files_of_which_nothing_can_be_read(
    tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    """An error says why."""
    with pytest.raises(InputError, match=expected):
        import_files(write(tmp_path, **files), "x")


def test_a_mesh_that_is_no_number_is_refused(tmp_path: Path) -> None:
    """Whatever it is."""
    for mesh in "{a: 1}", "[4]", "4.5":
        text = forms.DUMP.replace("meshX: 15, meshY: 4", f"meshX: {mesh}, meshY: 4")
        with pytest.raises(InputError, match=r"meshX is .*, expected a whole number"):
            import_files(write(tmp_path, a=text), "x")


TREE = """
architecture:
  version: 0.4
  nodes:
  - !Component {name: DRAM, class: DRAM, attributes: {width: 64, datawidth: 16}}
  - !Component {name: buffer, class: storage, attributes: {depth: 4096, width: 16, datawidth: 16}}
  - !Component {name: mac, class: intmac, attributes: {datawidth: 16}}
problem:
  version: 0.4
  instance: {R: 3, S: 1, P: 8, Q: 1, C: 4, K: 2, N: 1}
  shape: cnn-layer
mapping:
- {target: DRAM, type: temporal, factors: "R=1 S=1 P=4 Q=1 C=2 K=2 N=1", permutation: PCKRSQN}
- {target: buffer, type: temporal, factors: "R=3 S=1 P=2 Q=1 C=2 K=1 N=1", permutation: RPCSQKN}
"""


@pytest.mark.parametrize(
    ("version", "accounting", "expected"),
    [("0.4", None, "timeloop-4"), ("0.4", "exact", "exact"), ("2020", None, "timeloop")],
)
def test_a_design_is_priced_as_its_timeloop_does(
    tmp_path: Path, version: str, accounting: str | None, expected: str
) -> None:
    """By the rules of the Timeloop that reads such files, unless told otherwise; it is said."""
    text = TREE if version == "0.4" else ARCH + PROBLEM + MAPPING
    paths = write(tmp_path, everything=text)

    (one,) = import_files(paths, "design", accounting=accounting).found

    assert isinstance(one.content, Design)
    assert one.content.accounting == expected
    told = f"priced by accounting {expected}, as of version {version}"
    assert one.notes == (() if accounting else (told,))
    (entry,) = one.content.networks[0].layers
    again = evaluate(entry.layer, one.content.hardware, [entry.mapping], accounting=expected)
    assert again["energy_pj"][0] == entry.energy_pj
