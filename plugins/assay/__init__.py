"""assay: check that everything a documentation site shows is true."""

__version__ = "0.1.0"
