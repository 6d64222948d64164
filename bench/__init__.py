"""Figures against peers and limits, in one run on the same data (bench/README.md)."""
