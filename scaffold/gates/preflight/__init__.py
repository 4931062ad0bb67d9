"""The preflight: checks over the facts of an image's files, whoever built it.

`reader` gets the facts, `subject` has them, every other module checks over them, `checks` is the table of all checks.
"""
