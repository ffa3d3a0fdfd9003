"""Result files: tables and designs, each written to disk as a whole or not at all."""
