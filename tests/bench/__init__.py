"""The benchmark: `ci/bench` runs it, nothing in the tests asserts a time."""
