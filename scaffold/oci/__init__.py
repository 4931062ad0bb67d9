"""Images as engines and registries describe them, without opinions about them.

`standards` and the packages above it may import it; it knows nothing of specs, plans and standards.
"""
