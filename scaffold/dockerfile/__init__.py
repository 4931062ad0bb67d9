"""Hand-written Dockerfiles: a strict grammar, and checks against the standards.

`gates` and the command line may import it; it never imports `project`.
"""
