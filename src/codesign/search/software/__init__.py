"""Searches over software axes: which network of a family, and which choice of every layer.

Each choice has a quality. The cost of a network is a sum of energies, a sum of delays, or the
product of both, so all that these searches need of a layer are the vertices of a convex curve:

`curve`    the curves of layers, and the least cost of sums over them
`proven`   the curve of a layer, proven by the exact mapper; and a bound without it
`family`   the network of least cost with a quality of at least Q, or the front of both
`choices`  the choice of every layer, the least cost for a drop of at most Q, or the front
"""

from codesign.search.software.choices import Choices, Option, Selection, choose
from codesign.search.software.curve import Curve
from codesign.search.software.family import SoftwareRun, search_software

__all__ = ["Choices", "Curve", "Option", "Selection", "SoftwareRun", "choose", "search_software"]
