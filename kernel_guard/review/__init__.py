"""Output checking: a request's way from draft to release, decided on sealed results and evidence, never on rows."""
