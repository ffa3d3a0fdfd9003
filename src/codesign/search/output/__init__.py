"""The files of a finished search: a table of trials, the best design, and the certificate."""
