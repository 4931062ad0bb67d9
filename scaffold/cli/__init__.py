"""The command line: one module per command in `commands`, found through `table`.

Only `scaffold.__main__` imports it.
"""
