"""Comparisons of methods with paired seeds: tables, claims, views and figures for results."""
