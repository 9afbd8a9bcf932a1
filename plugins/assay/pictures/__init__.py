"""Drawings as self-contained SVG: made when a page is checked, shown without a script."""
