import os

import idna
import pytest


def test_the_image_s_own_packages_come_first() -> None:
    assert idna.__file__.startswith("/var/task/")
    assert pytest.__file__.startswith("/opt/test-packages/")
    assert "BATCH" not in os.environ
