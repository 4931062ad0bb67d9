#!/bin/sh
set -eu

mkdir -p dist
g++ -std=c++17 -O2 ${LINK--static} -s -o dist/bootstrap main.cpp
