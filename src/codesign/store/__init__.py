"""Result files: tables, designs, and how they come to be on disk whole or not at all."""
