"""Lets ``python -m siting.cli`` be the command."""

import sys

from siting.cli import main

if __name__ == "__main__":
    sys.exit(main())
