"""Hardware searches of the study: they begin with the chip, in a named space."""

from __future__ import annotations

import pytest

from codesign.hardware.files import load_chip
from codesign.search.settings import Search
from codesign.study.running.stage import Setting
from codesign.workload import Layer, Workload
from codesign.workload.shape import GEMM

OUTER, INNER = Search("random", 3), Search("random", 8)


@pytest.fixture
def setting() -> Setting:
    """One small product on Eyeriss."""
    layer = Layer.of(GEMM, "product", {"M": 8, "N": 16, "K": 32})
    return Setting(Workload("small", (layer,)), load_chip("eyeriss-168"))
