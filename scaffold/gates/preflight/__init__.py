"""The preflight: checks over the facts of an image's files, whoever built it. Pure.

`subject` has the facts, every other module checks over them, `checks` the table of all checks.
"""
