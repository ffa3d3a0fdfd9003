"""The house keeps its promises: locked environment, clean files, documented commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import codesign

LONGEST_SOURCE_FILE = 400
MAKE_TARGETS = {
    *("quick", "paper", "test", "test-all", "test-slurm", "fuzz", "slurm"),
    *("lint", "bench", "lock", "format", "clean"),
}

# Written in pieces, so that this file passes its own test.
MACHINE_PATH = re.compile(
    r"(?<![\w.~/-])/(?:" + "|".join(["work", "root", "home", "Users"]) + r")/\w"
)
REGISTRY_HOST = re.compile(
    r"\b(?:py" + r"pi\.(?:org|python\.org)|python" + r"hosted\.org|ana" + r"conda\.(?:org|com)"
    r"|npm" + r"js\.(?:org|com)|crates" + r"\.io|proxy\.go" + r"lang\.org)\b"
)


LOCKS = [
    "requirements.lock",
    *(f"requirements-{name}.lock" for name in ("core", "dev", "slurm", "fuzz")),
]
"""The study's environment, the core of it, and what an extra adds to it: `requirements-EXTRA`."""


def locked_requirements(
    repository: Path, lock: str = "requirements.lock"
) -> list[tuple[Requirement, list[str]]]:
    """What a lock pins: each requirement with its hashes."""
    text = (repository / lock).read_text(encoding="utf-8")
    entries = [line.split() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [split_entry(entry) for entry in entries]


def split_entry(words: list[str]) -> tuple[Requirement, list[str]]:
    """A line of the lock as its requirement and its options."""
    options = [word for word in words if word.startswith("--")]
    return Requirement(" ".join(word for word in words if not word.startswith("--"))), options


def declared_requirements(repository: Path, lock: str = "requirements.lock") -> list[Requirement]:
    """What pyproject.toml asks for: to run, and for what the lock is named after."""
    with (repository / "pyproject.toml").open("rb") as file:
        content = tomllib.load(file)
    project = content["project"]
    extra = lock.removeprefix("requirements").removesuffix(".lock").removeprefix("-") or "study"
    declared = [Requirement(line) for line in project["dependencies"]]
    if extra == "study":
        declared += [Requirement(line) for line in content["build-system"]["requires"]]
    return declared + ([] if extra == "core" else extra_requirements(project, extra))


def extra_requirements(project: dict[str, Any], extra: str) -> list[Requirement]:
    """What an extra asks for, with the extras that it is made of."""
    found = []
    for line in project["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name == project["name"]:
            for name in requirement.extras:
                found += extra_requirements(project, name)
        else:
            found.append(requirement)
    return found


def repository_files(repository: Path) -> list[Path]:
    """Every file that git tracks or would track."""
    if shutil.which("git") is None or not (repository / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    paths = [repository / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def lines_matching(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """`file:line: text` of every match in the files that are text."""
    found = []
    for path in files:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
    return found


def makefile_rules(repository: Path) -> dict[str, list[str]]:
    """Each target of the Makefile with its recipe."""
    rules: dict[str, list[str]] = {}
    recipe: list[str] = []
    for line in (repository / "Makefile").read_text(encoding="utf-8").splitlines():
        if line.startswith("\t"):
            recipe.append(line.strip())
        elif match := re.match(r"([\w-]+):(?!=)", line):
            recipe = rules.setdefault(match[1], [])
    return rules


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_requirement_by_hash(repository: Path, lock: str) -> None:
    """Each line of the lock is one exact version with at least one SHA-256."""
    locked = locked_requirements(repository, lock)

    assert len(locked) > (5 if "core" in lock else 50)
    for requirement, options in locked:
        assert [s.operator for s in requirement.specifier] == ["=="], requirement
        assert options, f"{requirement} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", o) for o in options), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_index(repository: Path, lock: str) -> None:
    """Users choose the index: the lock has no URL and no index option."""
    text = (repository / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"--(?:extra-)?index|--find-links|(?m:^-)| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_covers_what_the_project_declares(repository: Path, lock: str) -> None:
    """Every declared dependency is locked, at a version that the declaration allows."""
    versions: dict[str, set[str]] = {}
    for requirement, _ in locked_requirements(repository, lock):
        pins = {specifier.version for specifier in requirement.specifier}
        versions.setdefault(canonicalize_name(requirement.name), set()).update(pins)

    for declared in declared_requirements(repository, lock):
        pins = versions.get(canonicalize_name(declared.name), set())
        assert pins, f"{declared.name} is not in {lock}: run `make lock`"
        assert all(pin in declared.specifier for pin in pins), f"{declared} but locked: {pins}"


def test_locks_agree(repository: Path) -> None:
    """A package has one version, so that no lock changes what another one has installed."""
    versions: dict[str, SpecifierSet] = {}
    for lock in LOCKS:
        for requirement, _ in locked_requirements(repository, lock):
            name = canonicalize_name(requirement.name)
            assert versions.setdefault(name, requirement.specifier) == requirement.specifier, lock


def test_the_core_is_a_part_of_the_study(repository: Path) -> None:
    """And the study of what develops it; the tools of the study are not in the core."""
    core, study, dev = (
        {canonicalize_name(r.name) for r, _ in locked_requirements(repository, lock)}
        for lock in ("requirements-core.lock", "requirements.lock", "requirements-dev.lock")
    )

    assert core < study
    assert study - dev <= {"setuptools"}
    assert not core & {"snakemake", "seaborn", "matplotlib", "scipy", "scikit-learn", "jsonschema"}
    assert not core & {"hyperopt", "onnx", "xgboost", "xgboost-cpu", "torch"}
    assert not study & {"mypy", "pytest", "ruff", "scikit-learn", "optuna", "ipykernel"}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_lock_is_the_same_for_every_supported_python(repository: Path, python: str) -> None:
    """One version of each package, so that results do not depend on the interpreter's version."""
    environment = {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
    }
    chosen = [
        requirement.name
        for requirement, _ in locked_requirements(repository)
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]

    assert len(chosen) == len(set(chosen))
    assert {"numpy", "numba", "pandas", "snakemake"} <= set(chosen)


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["path", "registry"])
def test_files_name_no_machine_and_no_registry(repository: Path, pattern: re.Pattern[str]) -> None:
    """Nothing in the repository depends on where it was written."""
    found = lines_matching(pattern, repository_files(repository))

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATH, "cd " + "/work" + "/main"),
        (MACHINE_PATH, "path: '" + "/home" + "/someone/x'"),
        (REGISTRY_HOST, "https://files.python" + "hosted.org/packages"),
    ],
)
def test_patterns_find_what_they_look_for(pattern: re.Pattern[str], line: str) -> None:
    """The patterns above match the lines they exist for."""
    assert pattern.search(line)


def test_source_files_are_short(repository: Path) -> None:
    """No module is too long to be read in one sitting."""
    sizes = {
        str(path.relative_to(repository)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (repository / "src").rglob("*.py")
    }

    assert sizes
    assert {k: v for k, v in sizes.items() if v >= LONGEST_SOURCE_FILE} == {}


def test_no_result_stands_where_the_workflow_makes_it(repository: Path) -> None:
    """In a clone it would count as made, and its searches would not run."""
    results = repository / "results"
    kept = [f for f in repository_files(repository) if f.is_relative_to(results)]

    assert results / "README.md" in kept
    assert all(f == results / "README.md" or f.is_relative_to(results / "archive") for f in kept)


def test_makefile_has_the_documented_targets(repository: Path) -> None:
    """The targets the README and the Makefile's own header promise are there."""
    assert not MAKE_TARGETS - makefile_rules(repository).keys()


def test_make_test_ignores_no_failure(repository: Path) -> None:
    """Every step of `make test` can fail it, and none of the checks is missing."""
    rules = makefile_rules(repository)
    steps = rules["lint"] + rules["test"] + rules["test-all"]

    assert not [step for step in steps if step.startswith("-") or "||" in step or ";" in step]
    for check in ["ruff check", "ruff format --check", "mypy", "snakefmt --check", "--lint"]:
        assert any(check in step for step in rules["lint"]), check


def test_make_says_when_python_is_too_old(repository: Path, tmp_path: Path) -> None:
    """An interpreter that fails the version check is refused in one sentence."""
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.1" && exit\nexit 1\n')
    old.chmod(0o755)

    answer = subprocess.run(
        ["make", "--no-print-directory", "fresh-env", f"PYTHON={old}"],
        cwd=repository,
        check=False,
        capture_output=True,
        text=True,
    )

    assert answer.returncode != 0
    assert "needs Python 3.11 or newer" in answer.stderr
    assert "is Python 3.8.1" in answer.stderr


def test_ci_script_is_executable(repository: Path) -> None:
    """Continuous integration starts `.ci/run` directly."""
    script = repository / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")


def test_citation_names_this_version(repository: Path) -> None:
    """What one is asked to cite is what one runs."""
    citation = yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))

    assert citation["version"] == codesign.__version__
    assert citation["license"] == "Apache-2.0"


def test_changelog_begins_with_what_is_new(repository: Path) -> None:
    """What is not released stands first, then this version."""
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)

    assert [version for version, _ in versions[:2]] == ["Unreleased", codesign.__version__]
    assert all(date for _, date in versions[1:])


def test_default_profile_lets_plain_snakemake_run(repository: Path) -> None:
    """Without `cores` in the default profile, plain `snakemake` refuses to start."""
    profile = yaml.safe_load((repository / "profiles/default/config.yaml").read_text("utf-8"))

    assert profile["cores"] == "all"
    assert profile["scheduler"] == "greedy"


def test_every_profile_goes_on_after_a_kill(repository: Path) -> None:
    """Half-written files are made again, whichever profile takes the default's place."""
    profiles = sorted((repository / "profiles").glob("*/config.yaml"))

    assert len(profiles) >= 3
    for path in profiles:
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert profile["rerun-incomplete"] is True, path
        assert profile["scheduler"] == "greedy", path
        assert "cores" in profile or profile["jobs"] > 1, path


def test_the_kubernetes_job_is_one(repository: Path) -> None:
    """One pod that is started again when it dies."""
    job = yaml.safe_load((repository / "profiles/kubernetes/job.yaml").read_text("utf-8"))
    pod = job["spec"]["template"]["spec"]

    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert (job["spec"]["parallelism"], pod["restartPolicy"]) == (1, "OnFailure")
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {m["name"] for c in pod["containers"] for m in c["volumeMounts"]} <= volumes


def test_make_help_says_what_the_header_says(repository: Path) -> None:
    """Every target with a line of its own."""
    answer = subprocess.run(
        ["make", "--silent", "help"], cwd=repository, check=True, capture_output=True, text=True
    )

    header = (repository / "Makefile").read_text(encoding="utf-8").split("\n\n")[0]
    assert answer.stdout == re.sub("^# ?", "", header, flags=re.MULTILINE) + "\n"
    assert "make paper " in answer.stdout
