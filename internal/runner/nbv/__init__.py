"""The parts of the notebook runner."""
