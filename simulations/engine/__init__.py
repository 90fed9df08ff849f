"""What every simulation shares: running, storing, resuming, progress and results.

`source` reads modules without running them; `simulation` loads one and fingerprints it
at a scale; `store` keeps a row per finished cell; `pool` and `runner` compute the
missing cells; `progress` and `tables` show them; `results` writes and reads the files
that figures and verdicts are made from.
"""
