"""Strict YAML that every parser reads the same way, with positions, and edits that preserve every other byte.

Every package above it may import it; it imports `findings`.
"""
