"""R5: λ is read from the names of methods."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.study.results.r5 import table as r5
from codesign.study.results.r5.weights import weight
from tests.study.courses import mapping_course


def test_names_say_their_weight() -> None:
    """The paper's own is 1 [rec]."""
    assert [weight(name) for name in ("bo-lcb-0.1", "bo", "bo-lcb-5")] == [0.1, 1.0, 5.0]


def test_methods_without_a_weight_are_refused() -> None:
    """They have no place on the axis."""
    with pytest.raises(ValueError, match="tpe"):
        weight("tpe")


def test_table_has_the_weight_of_every_row() -> None:
    """Layers and all together."""
    course = mapping_course({("x", "bo", 0): [100.0], ("x", "bo-lcb-2", 0): [100.0]})

    ends: pd.DataFrame = r5.table(course)

    assert dict(zip(ends["method"], ends["weight"], strict=True)) == {"bo": 1.0, "bo-lcb-2": 2.0}
