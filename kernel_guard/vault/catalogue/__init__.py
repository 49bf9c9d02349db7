"""Which data sets there are, and the one door by which they come in.

- `cdm`: the OMOP field lists, as the standard publishes them.
- `synthetic`: a hospital that never existed, for the demo, the tests and the benchmarks.
- `omop`: takes a directory of OMOP tables in, or says in a table what is wrong with it.
"""
