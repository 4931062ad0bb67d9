import unittest

import colorama
import six


class PackagesTest(unittest.TestCase):
    def test_those_of_the_group_come_second(self) -> None:
        assert colorama.__file__.startswith("/opt/test-packages/")
        assert six.__file__.startswith("/var/task/")
