"""`python -m bench [kernel] [query] [repeat] [engine] [linear] [disclosure] [page] [--rows 1000000 …]`: print tables.

`repeat` times a question that was answered before; `engine` compares with bare DuckDB and, in environments that it
makes under `.bench/`, with OpenDP's Polars context and SmartNoise SQL; `linear` measures time and memory against rows
under a memory limit; `disclosure` what checking adds, beside ACRO; `page` what the extension adds to JupyterLab's
start, in Chromium.
"""

from __future__ import annotations

import argparse

from bench import disclosure, engine, kernel, page, query, repeat
from bench.report import about_machine


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        default=["kernel", "query"],
        help="kernel, query (both by default), repeat, engine, linear, disclosure, page",
    )
    parser.add_argument("--rows", nargs="+", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-peers", action="store_true", help="engine: only bare DuckDB beside ours")
    parser.add_argument("--memory", default="3GB", help="linear: the engine's memory limit")
    chosen = parser.parse_args()
    print(about_machine())
    if "kernel" in chosen.parts:
        kernel.run(chosen.rounds)
    if "query" in chosen.parts:
        query.run(chosen.rows, chosen.rounds)
    if "repeat" in chosen.parts:
        repeat.run(chosen.rounds)
    if "engine" in chosen.parts:
        engine.run(chosen.rows, chosen.rounds, peers=not chosen.no_peers)
    if "linear" in chosen.parts:
        engine.linear(chosen.rows, chosen.memory)
    if "disclosure" in chosen.parts:
        disclosure.run(chosen.rows, chosen.rounds, beside=not chosen.no_peers)
    if "page" in chosen.parts:
        page.run(chosen.rounds)


if __name__ == "__main__":
    main()
