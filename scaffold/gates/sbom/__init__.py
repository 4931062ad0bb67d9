"""Software bills of materials: what an image contains, by its files and its project's lock files, in two formats.

`inventory` finds the components, `read` reads the image for it, `spdx` and `cyclonedx` write them down.
"""
