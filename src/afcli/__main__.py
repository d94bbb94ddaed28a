"""Run the command line as `python -m afcli`."""

from afcli.cli import main

main()
