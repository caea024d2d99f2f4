"""Runs every test here and ends with `N passed, N failed`."""

import pathlib
import sys
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))
suite = unittest.defaultTestLoader.discover(str(here))
total = suite.countTestCases()
result = unittest.TextTestRunner(verbosity=2).run(suite)
failed = len({test.id() for test, _ in result.failures + result.errors}) + len(result.unexpectedSuccesses)
failed += len(result.skipped) + (total - result.testsRun)  # nothing here may be left out
if total == 0:
    failed = 1
print(f"{max(total - failed, 0)} passed, {failed} failed", flush=True)
sys.exit(1 if failed else 0)
