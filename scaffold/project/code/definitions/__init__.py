"""Reads which names a source file defines: one module for each language, named after it and found by its place.

Each has `read(source)`, which returns `Definitions`, or None for a file that it cannot read. A language without a
module is not checked.
"""
