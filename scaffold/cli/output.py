"""What commands print besides reports."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.fleet.outcome import Outcome


def print_findings(outcome: Outcome) -> None:
    """Tell findings where standard output carries something else."""
    if outcome.findings:
        sys.stderr.write(outcome.report("text"))


def print_json(value: object) -> None:
    """Print a result for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
