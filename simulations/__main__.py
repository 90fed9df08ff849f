"""``python -m simulations``: list, run, status, salvage, diff, verify, report, plan."""

import sys

from simulations.cli import main

if __name__ == "__main__":
    sys.exit(main())
