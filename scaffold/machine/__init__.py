"""What the scripts of a project need on a machine: programs, registries, credentials."""
