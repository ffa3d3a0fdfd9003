"""How a layer runs on an accelerator: blocking, spatial split, loop order and bypass."""

from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import LevelMapping, Mapping

__all__ = ["LevelMapping", "Mapping", "MappingBatch"]
