"""The command line: one module a command in `commands`, found through `table`.

Nothing but `scaffold.__main__` imports it.
"""
