"""`scaffold standards`: one module per command."""
