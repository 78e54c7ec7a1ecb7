"""What scripts/compare-schedulers and scripts/lock-contention are made of.

A run is one fio job on one device in one configuration (a case), once. cli.py makes cases
out of options, engine.py runs what is not there yet, store.py keeps it, the rest looks at it:

    options -> plan.Case ... -> engine -> samples.jsonl -> summary -> json, csv, table, plots, html

Nothing here needs more than Python 3.9's own library; fio, gnuplot and perf are programs.
"""
