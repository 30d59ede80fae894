"""`python -m batch` is the command `billings`."""

from batch.cli import main

if __name__ == "__main__":
    main()
