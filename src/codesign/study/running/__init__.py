"""Running the study: configs, the searches that they need, stages, and provenance."""
