"""The lint of words, docstrings, names, lengths and commit subjects."""
