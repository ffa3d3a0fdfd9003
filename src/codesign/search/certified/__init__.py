"""Co-design with proof: the best accelerator there is, or how far the best known may be from it."""

from codesign.search.certified.prove import CertifiedDesign, ClassRecord, Proof, prove_codesign

__all__ = ["CertifiedDesign", "ClassRecord", "Proof", "prove_codesign"]
