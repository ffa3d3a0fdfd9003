"""Comparisons of methods: tables, claims, views and figures for results."""
