"""`python -m bench [kernel] [query] [disclosure] [--rows 1000000 10000000]`: run benchmarks and print their tables."""

from __future__ import annotations

import argparse

from bench import disclosure, kernel, query
from bench.report import about_machine


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["kernel", "query", "disclosure"], help="all by default")
    parser.add_argument("--rows", nargs="+", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    print(about_machine())
    if "kernel" in chosen.parts:
        kernel.run(chosen.rounds)
    if "query" in chosen.parts:
        query.run(chosen.rows, chosen.rounds)
    if "disclosure" in chosen.parts:
        disclosure.run(chosen.rows, chosen.rounds)


if __name__ == "__main__":
    main()
