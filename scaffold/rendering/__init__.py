"""Turns a spec into its problems, its plan and its files; the only package that uses Jinja.

`standards`, `project` and the packages above them may import it; it never imports `oci`.
"""
