"""Readers and checks of Compose, Bake and SAM files.

Only `dockerfile.discover` imports it.
"""
