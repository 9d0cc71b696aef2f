"""Benchmarks of the running console: `python -m bench` or `make bench`."""
