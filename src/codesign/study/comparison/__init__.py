"""Methods against one another with paired seeds: tables, claims and views that results share."""
