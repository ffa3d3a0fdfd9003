"""A search that goes on is to the bit the search that was never stopped."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from codesign.hardware.files import load_chip
from codesign.search import resume
from codesign.search.hardware import search_hardware
from codesign.search.hardware_run import HardwareRun
from codesign.search.mapper import LayerSearch, MappingRun, map_layer
from codesign.search.network import Runtime
from codesign.search.output.designs import hardware_design
from codesign.search.output.trials import hardware_trials
from codesign.search.resume import resuming
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.store.journal import journal_path
from codesign.workload import Layer, Workload, load_workload

CHIP = load_chip("eyeriss-168")
DQN = load_workload("dqn")
PAIR = Workload(
    "pair",
    (Layer.conv("window", R=3, P=4, C=2, K=4), Layer.conv("product", P=4, C=8, K=8)),
    (1, 2),
)
"""Of layers that are mapped, and proven, in no time."""


class Killed(BaseException):
    """Stands for the end of the process."""


def run_search(method: str, inner: str, layer_search: LayerSearch = map_layer) -> HardwareRun:
    return search_hardware(
        [PAIR],
        CHIP,
        Search(method, 6, 3),
        Search(inner, 20, 3),
        start=False,
        runtime=Runtime(layer_search=layer_search),
    )


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[MappingTask]:
    """The mapping searches that were really run."""
    tasks: list[MappingTask] = []

    def counted(task: MappingTask, search: Search) -> MappingRun:
        tasks.append(task)
        return map_layer(task, search)

    monkeypatch.setattr(resume, "map_layer", counted)
    return tasks


def run_until(output: Path, method: str, inner: str, stop_after: int | None) -> HardwareRun:
    """A search that is killed after so many mapping searches of its own."""
    with resuming(output) as layer_search:
        begun = layer_search.recalled

        def dying(task: MappingTask, search: Search) -> MappingRun:
            if len(own) == stop_after:
                raise Killed
            before = layer_search.recalled
            run = layer_search(task, search)
            own.extend([run] if layer_search.recalled == before else [])
            return run

        own: list[MappingRun] = []
        assert begun == 0
        return run_search(method, inner, dying)


@pytest.mark.parametrize(
    ("method", "inner"), [("tpe", "tpe"), ("bo", "random"), ("random", "bo"), ("bo-ei", "exact")]
)
def test_a_resumed_search_is_the_same(
    method: str, inner: str, ran: list[MappingTask], tmp_path: Path
) -> None:
    """Whatever the methods: same trials, same design, and no mapping search runs twice."""
    output = tmp_path / "trials.parquet"
    whole = run_search(method, inner)
    for _ in range(3):
        with pytest.raises(Killed):
            run_until(output, method, inner, stop_after=2)
        assert journal_path(output).exists()

    resumed = run_until(output, method, inner, stop_after=None)

    assert resumed.points == whole.points
    assert resumed.resumed_trials > 0 == whole.resumed_trials
    known = [all(r.is_recalled for n in trial for r in n.runs) for trial in resumed.networks]
    assert known.index(False) == resumed.resumed_trials
    assert hardware_trials(resumed).equals(hardware_trials(whole))
    assert whole.best is not None
    assert hardware_design(resumed, whole.best, {}) == hardware_design(whole, whole.best, {})
    assert len({task.digest for task in ran}) == len(ran) > 6
    assert not journal_path(output).exists()


def killed_after(output: Path, task: MappingTask, method: str) -> MappingRun:
    """A mapping search after which its process is killed."""
    runs = []

    def die() -> None:
        with resuming(output) as layer_search:
            runs.append(layer_search(task, Search(method, 30)))
            raise Killed

    with pytest.raises(Killed):
        die()
    return runs[0]


@pytest.mark.parametrize("method", ["random", "tpe", "bo", "exact"])
def test_a_recalled_mapping_search_is_whole(method: str, tmp_path: Path) -> None:
    """Every trial, every cost, the certificate; under the name that the layer has now."""
    task = MappingTask(DQN.layers[1], CHIP.hardware, dataflow=CHIP.dataflow("row-stationary"))
    output = tmp_path / "trials.parquet"
    run = killed_after(output, task, method)

    with resuming(output) as second:
        again = second(task, Search(method, 30))
        other = second(task, Search(method, 31 if method != "exact" else 30, 1))

    assert second.recalled == 1
    assert second.recalled_s == run.elapsed_s > 0
    assert len(again.points) == len(run.points)
    for part in ("points", "costs"):
        ours, theirs = vars(getattr(again, part)), vars(getattr(run, part))
        for name in ours:
            if name != "shape":
                assert ours[name].dtype == theirs[name].dtype
                assert ours[name].tobytes() == theirs[name].tobytes()
    assert (again.certificate, again.problem, again.best) == (
        run.certificate,
        run.problem,
        run.best,
    )
    assert other.search != again.search


def test_a_search_without_a_mapping_is_recalled_with_its_reason(tmp_path: Path) -> None:
    """It has no trials, and the reason is what counts."""
    levels = list(CHIP.hardware.levels)
    at = CHIP.hardware.index("GlobalBuffer")
    levels[at] = dataclasses.replace(levels[at], entries=1)
    hardware = dataclasses.replace(CHIP.hardware, levels=tuple(levels))
    task = MappingTask(DQN.layers[0], hardware, dataflow=CHIP.dataflow("row-stationary"))
    assert task.problem is not None

    output = tmp_path / "trials.parquet"
    killed_after(output, task, "tpe")
    with resuming(output) as second:
        again = second(task, Search("tpe", 30))

    assert second.recalled == 1
    assert again.problem == task.problem
    assert again.best is None
