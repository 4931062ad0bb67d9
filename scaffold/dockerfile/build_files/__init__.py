"""Compose, Bake and SAM files, read as data and judged.

Only `dockerfile.discover` imports it.
"""
