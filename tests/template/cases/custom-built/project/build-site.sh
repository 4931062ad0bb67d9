#!/bin/sh
# What makes more of the image has its own sources, and may write beside them.
set -eu

mkdir -p made
tr '[:lower:]' '[:upper:]' <site/index.html >made/index.html
