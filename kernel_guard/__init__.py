"""Kernel Guard: interactive notebooks on protected clinical data. Imports nothing, so that every zone stays apart."""

__version__ = "0.1.0"
