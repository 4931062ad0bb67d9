#!/bin/sh
# Starts the function: this is called with the command that starts Lambda's client, and with the handler last.
set -eu

# What has to be done before the function starts belongs here. Only /tmp can be written.

# exec, so that the function itself gets the signals.
exec "$@"
