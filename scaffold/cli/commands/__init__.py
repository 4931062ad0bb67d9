"""One module per command, with the contents that `scaffold.cli.table.CommandModule` describes."""
