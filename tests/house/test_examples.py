"""The example notebooks run from the first cell to the last, and are kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    """A run leaves no trace in the file, nor does the machine it ran on."""
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]

    nbformat.validate(nbformat.from_dict(content))
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert content["metadata"].keys() == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebooks_run(path: Path, tmp_path: Path) -> None:
    """In an empty folder; every cell that ends in a value shows a table or a line."""
    notebook = nbformat.read(path, as_version=4)

    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()

    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) >= 5
    assert all(cell.outputs or "=" in cell.source.splitlines()[-1] for cell in cells)
    texts = [str(output) for cell in cells for output in cell.outputs]
    assert not [text for text in texts if "nan" in text.split()]


def test_there_are_examples() -> None:
    assert NOTEBOOKS
