#!/bin/sh
# Starts the server: this is called with its command.
set -eu

# What has to be done before the function starts belongs here. Only /tmp can be written.

# exec, so that the function itself gets the signals.
exec "$@"
