"""Packages and programs that write where Lambda lets no one write, unless a variable names another directory.

`table` has the facts, `locks` finds packages in lock files, `project` and `image` check over them.
"""
