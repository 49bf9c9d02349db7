"""Benchmarks: ratios measured side by side in one run. They never pass or fail."""
