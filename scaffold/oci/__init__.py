"""Images as engines and registries describe them, without any checks.

`standards` and the packages above it may import it; it does not depend on specs, plans or standards.
"""
