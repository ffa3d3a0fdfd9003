"""The results of the study: one folder for each, named after its id."""
