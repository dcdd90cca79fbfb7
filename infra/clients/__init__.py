"""The typed clients of a release, in TypeScript and Python, made from the OpenAPI document."""
