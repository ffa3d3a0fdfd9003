"""Co-design with proof: the best accelerator there is, or how far the best known may be from it."""

from codesign.search.certified.proof import CertifiedDesign, ClassRecord, Proof
from codesign.search.certified.prove import prove_codesign

__all__ = ["CertifiedDesign", "ClassRecord", "Proof", "prove_codesign"]
