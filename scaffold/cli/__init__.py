"""The command line, one module a command.

Nothing but `scaffold.__main__` imports it.
"""
