"""The views of the API, one module for each resource.

The docstring of a view is its summary in the OpenAPI document.
"""
