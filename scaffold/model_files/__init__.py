"""Model files from outside the project: downloaded once, to record their size and SHA-256 in the spec.

Only `fleet`, `gates` and the command line may import it; it imports `project` to write the spec.
"""
