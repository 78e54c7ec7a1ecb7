"""The insides of scripts/compare-schedulers, scripts/lock-contention and scripts/bench.

A run is one fio job on one device in one configuration (a case), once. cli.py makes cases from
options, engine.py runs those that are missing, store.py keeps what comes out, and the rest reads it:

    options -> plan.Case ... -> engine -> samples.jsonl -> summary -> json, csv, table, plots, html

sources.py reads what lib/lock-sources left. For scripts/bench, raw.py reads what lib/bench-guest
printed, limits.py judges it, and bench.py does the rest.

Python 3.9 and its own library suffice; fio, gnuplot and perf are programs.
"""
