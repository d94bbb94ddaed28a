"""One module per command, with the function `run`: it loads, asks, renders and exits."""
