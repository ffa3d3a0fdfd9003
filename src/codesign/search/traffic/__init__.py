"""Mapping search that learns what words cost."""

from codesign.search.traffic.optimizer import TrafficSearch

__all__ = ["TrafficSearch"]
