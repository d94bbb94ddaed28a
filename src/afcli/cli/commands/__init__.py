"""One module a command, with the function `run`: it loads, asks, renders and exits."""
