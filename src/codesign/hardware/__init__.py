"""What it is computed on: storage levels, fanouts, technology, and the Eyeriss template."""

from codesign.hardware.architecture import Arithmetic, Hardware, StorageLevel
from codesign.hardware.eyeriss import Budget, EyerissPoint, eyeriss
from codesign.hardware.files import load_hardware
from codesign.hardware.technology import PAT, Technology, load_technology

__all__ = [
    "PAT",
    "Arithmetic",
    "Budget",
    "EyerissPoint",
    "Hardware",
    "StorageLevel",
    "Technology",
    "eyeriss",
    "load_hardware",
    "load_technology",
]
