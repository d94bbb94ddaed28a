"""What a Tab costs in bash, zsh and fish, as a share of a bare start of Python, measured in one run.

    python benchmarks/tab.py

Needs the shells, and pexpect for zsh, whose completion runs only at a prompt.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "completions"
LINES = ["afcli f", "afcli country Uz", "afcli find --co", "afcli actor Emo", "afcli cite ", "afcli find U"]
TIMES = 100
WORLD = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TERM": "xterm"}

BASH = """
source {scripts}/afcli.bash
while IFS= read -r COMP_LINE; do
  COMP_POINT=${{#COMP_LINE}}
  start=$EPOCHREALTIME
  for ((n = 0; n < {times}; n++)); do _afcli; done
  end=$EPOCHREALTIME
  echo $(( ${{end/./}} - ${{start/./}} ))
done
"""
FISH = """
source {scripts}/afcli.fish
while read -l line
    set -l start (date +%s%N)
    for n in (seq {times}); complete -C $line >/dev/null; end
    math \\((date +%s%N) - $start\\) / 1000
end
"""
ZSH = """
PS1='ready> '
fpath+=({scripts})
autoload -U compinit; compinit -u
unsetopt beep auto_menu
zmodload zsh/datetime
autoload +X _main_complete
functions[_measured]=$functions[_main_complete]
_main_complete() {{
  local start=$EPOCHREALTIME
  _measured "$@"
  local result=$?
  print -r -- $(( (EPOCHREALTIME - start) * 1000 )) >> $HOME/times
  return result
}}
"""


def looped(shell: list[str], script: str) -> list[float]:
    """Return the milliseconds of a Tab at each line in a shell that can complete without a prompt."""
    text = script.format(scripts=SCRIPTS, times=TIMES)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(  # noqa: S603  # the shells, our own script
            [*shell, "-c", text], input="".join(f"{line}\n" for line in LINES), env=WORLD | {"HOME": home},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return [float(line) / TIMES / 1000 for line in done.stdout.split()]


def typed() -> list[float]:
    """Return the same for zsh, at a prompt of its own."""
    import pexpect

    with tempfile.TemporaryDirectory() as home:
        (Path(home) / ".zshrc").write_text(ZSH.format(scripts=SCRIPTS))
        times = Path(home) / "times"
        times.touch()
        child = pexpect.spawn("zsh", ["-i"], env=WORLD | {"HOME": home}, encoding="utf-8")
        child.expect("ready> ")
        for line in LINES * 5:
            before = times.stat().st_size
            child.send(f"{line}\t")
            while times.stat().st_size == before:
                child.read_nonblocking(65536, timeout=5)
            child.send("\x15")
        child.close(force=True)
        taken = [float(line) for line in times.read_text().split()]
    return [statistics.median(taken[place :: len(LINES)]) for place in range(len(LINES))]


def python() -> float:
    """Return the milliseconds of a bare start of Python."""
    taken = []
    for _ in range(21):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", ""], check=True)
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


def main() -> None:
    """Print each line with the milliseconds of a Tab and their share of a start of Python."""
    bare = python()
    print(f"a bare start of Python: {bare:.1f} ms")
    found = {"bash": looped(["bash", "--norc"], BASH), "zsh": typed(), "fish": looped(["fish"], FISH)}
    print(f"{'':<18}" + "".join(f"{shell:>16}" for shell in found))
    for place, line in enumerate(LINES):
        cells = (f"{taken[place]:.1f} ms  {taken[place] / bare:.2f}" for taken in found.values())
        print(f"{line:<18}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
