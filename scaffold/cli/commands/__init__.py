"""One module a command, with the contents that `scaffold.cli.table.CommandModule` describes."""
