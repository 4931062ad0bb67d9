"""Strict YAML that every reader understands the same way, with places, and edits that keep every other byte.

Every package above it may import it; it imports `findings`.
"""
