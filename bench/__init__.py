"""The project's benchmark: programs on a pseudo-terminal, measured from outside, against a mock model on loopback.

``python -m bench --help`` runs it; ``docs/performance.md`` says what the figures mean. It is not part of the wheel.
"""
