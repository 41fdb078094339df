"""`python -m csim`: the command line where no script is installed."""

from csim.cli import main

if __name__ == "__main__":
    main()
