"""What a finished search leaves: its trials as a table, its best as a design, its proof as JSON."""
