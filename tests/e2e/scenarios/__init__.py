"""Scenario files of the simulated provider; also read by the cases."""
