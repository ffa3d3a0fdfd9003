"""The hardware: accelerators, their storage levels, energy tables, dataflows and templates."""

from codesign.hardware.architecture import Arithmetic, Hardware, StorageLevel
from codesign.hardware.files import Chip, load_chip, load_hardware
from codesign.hardware.point import Point
from codesign.hardware.technology import PAT, Technology, load_technology
from codesign.hardware.template import Template

__all__ = [
    "PAT",
    "Arithmetic",
    "Chip",
    "Hardware",
    "Point",
    "StorageLevel",
    "Technology",
    "Template",
    "load_chip",
    "load_hardware",
    "load_technology",
]
