"""The tests; a package, so that `from tests import helpers` works everywhere."""
