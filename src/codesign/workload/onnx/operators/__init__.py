"""Operators that multiply and accumulate, as layers, family by family."""
