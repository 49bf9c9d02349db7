"""What leaves: an approved request as a signed bundle of plain files."""

from kernel_guard.vault.release.publish import BundlePublisher

__all__ = ["BundlePublisher"]
