"""Takes a directory of OMOP tables in: `read_omop` checks and types everything, `Ingest.write` stores it whole."""

from kernel_guard.vault.catalogue.omop.ingest import Ingest, read_omop

__all__ = ["Ingest", "read_omop"]
