"""Runs a command over many projects, and collects their findings and the exit status.

Only `gates` and the command line may import it.
"""
