"""Hand-written Dockerfiles: a strict grammar for them, and their judgement against the standards.

`gates` and the command line may import it; it never imports `project`.
"""
