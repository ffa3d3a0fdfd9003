"""Hardware searches with proof: the best accelerator, or a bound on how much better it may be."""

from codesign.search.certified.proof import CertifiedDesign, ClassRecord, Proof
from codesign.search.certified.prove import prove_codesign

__all__ = ["CertifiedDesign", "ClassRecord", "Proof", "prove_codesign"]
