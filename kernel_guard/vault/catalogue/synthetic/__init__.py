"""A hospital that never existed, in the OMOP CDM 5.4 layout."""

from kernel_guard.vault.catalogue.synthetic.generate import Summary, generate

__all__ = ["Summary", "generate"]
