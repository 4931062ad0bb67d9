"""`scaffold image`: one module per command."""
