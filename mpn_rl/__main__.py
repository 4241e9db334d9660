"""`python -m mpn_rl` is `mpn-rl`."""

from mpn_rl.sweep.cli.main import main

if __name__ == "__main__":
    main()
