"""The study: searches, results with their tables and figures, and the report."""
