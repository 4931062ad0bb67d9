"""What every part of the command line is made with."""

from __future__ import annotations

import argparse
from typing import NoReturn

from scaffold.errors import InvalidInputError

EXIT_CODES = "exit codes: 0 clean, 1 findings, 2 invalid input or usage, 3 could not decide or finish; the highest wins"


class Parser(argparse.ArgumentParser):
    """A parser that raises where argparse would end the program."""

    def error(self, message: str) -> NoReturn:
        """End the command with what is wrong and how it is used; raises InvalidInputError."""
        raise InvalidInputError(f"{message}\n{self.format_usage().strip()}")
