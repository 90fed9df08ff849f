"""What every simulation shares: running, storing, resuming, progress and results.

`source` reads modules without running them; `simulation` loads one, with its `grid`,
and fingerprints it at a scale; `store` keeps a row per finished cell, for one run at a
time (`lock`), and `salvage` what is left of a damaged one. `attempt` measures a cell
wherever that is: on the processes of `pool`, or on a `cluster`. `runner` computes what
is missing, `adaptive` says what that is, `session` puts a run together; `progress` and
`tables` show it. `exports` writes and `results` reads the files that figures and
verdicts are made from, and `agreement` compares two.
"""
