"""The channel is a build argument."""

import os

from setuptools import setup

setup(
    name="shared",
    version="0.3.0",
    packages=["shared"],
    description=os.environ["CHANNEL"],
    install_requires=["never-on-any-index"],
)
