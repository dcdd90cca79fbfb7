"""The release, which is the zip of the functions and the template of their stack."""
