"""Which Host fields are valid."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from host import is_host


class Hosts(unittest.TestCase):
    def test_hosts(self):
        for good in ("h", "127.0.0.1:8080", "[::1]", "[::1]:80", "h:", "a_b"):
            self.assertTrue(is_host(good), good)
        for bad in ("", "a b", "a/b", "u@h", "h:x", "h:123456", "[::1", "::1", "[x]", "[::1]x"):
            self.assertFalse(is_host(bad), bad)


if __name__ == "__main__":
    unittest.main()
