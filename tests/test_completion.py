"""Completion, in the real shells, by Tabs typed into a terminal."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import AFCLI, TINY, WORLD, run

from afcli.citing.styles import HERE as STYLES

ROOT = Path(__file__).parent.parent
INSTALLED = {
    "afcli.bash": "bash-completion/completions/afcli",
    "_afcli": "zsh/site-functions/_afcli",
    "afcli.fish": "fish/vendor_completions.d/afcli.fish",
}


def script(name):
    """Return the script of this name: as installed where there is no source to test."""
    if (ROOT / "src").exists() or name not in INSTALLED:
        return ROOT / "completions" / name
    return Path(sys.prefix) / "share" / INSTALLED[name]


BIN = Path(sys.executable).parent
MARK = "~~"
"""What the prompt ends with, so that the line is found on the screen."""

# What is typed; the line that results, without spaces at its end; what is offered below it.
CASES = [
    ("afcli cou\t", "afcli country", ()),
    ("afcli \t\t", "afcli", ("find", "country", "cite", "styles", "completion")),
    ("afcli --ver\t", "afcli --version", ()),
    ("afcli country Uzb\t", "afcli country Uzbekistan", ()),
    ("afcli country uzb\t", "afcli country Uzbekistan", ()),
    ("afcli country cent\t", r"afcli country Central\ Asia", ()),
    ("afcli country 'cent\t", "afcli country 'Central Asia'", ()),
    ('afcli country "cent\t', 'afcli country "Central Asia"', ()),
    (r"afcli country Central\ A" + "\t", r"afcli country Central\ Asia", ()),
    ("afcli country ta\t", "afcli country Tajikistan", ()),
    ("afcli country dushan\t", "afcli country Dushanbe", ()),
    ("afcli country Таджикист\t", "afcli country Таджикистан", ()),
    ("afcli country nowhere\t", "afcli country nowhere", ()),
    ("afcli topic rub\t", "afcli topic RUBEZH-21", ()),
    ("afcli place panj\t", r"afcli place Panjshir\ valley", ()),
    ("afcli help sta\t", "afcli help stats", ()),
    ("afcli actor emo\t", r"afcli actor Emomali\ Rahmon", ()),
    ("afcli actor Rahmo\t", "afcli actor Rahmon", ()),
    ("afcli find Uzbeki\t", "afcli find Uzbekistan", ()),
    ("afcli find wall country:ta\t", "afcli find wall country:Tajikistan", ()),
    ("afcli find kind:que\t", "afcli find kind:question", ()),
    ("afcli find source:pan\t\t", "afcli find source:panfilova-", ("panfilova-wall", "panfilova-panj")),
    ("afcli find x --lim\t", "afcli find x --limit", ()),
    ("afcli find x --kind fo\t", "afcli find x --kind forecast", ()),
    ("afcli find x --kind=fo\t", "afcli find x --kind=forecast", ()),
    ("afcli find x --country turkm\t", "afcli find x --country Turkmenistan", ()),
    ("afcli list --source pan\t\t", "afcli list --source panfilova-", ("panfilova-wall", "panfilova-panj")),
    ("afcli cite 6 --style ml\t", "afcli cite 6 --style mla", ()),
    ("afcli cite 6 --style goo\t", "afcli cite 6 --style goo", ()),
    ("afcli cite 6 --as in\t", "afcli cite 6 --as in-text", ()),
    ("afcli cite 6 --format bibl\t", "afcli cite 6 --format biblatex", ()),
    ("afcli export --format json-\t", "afcli export --format json-ld", ()),
    ("afcli cite hodi\t", "afcli cite hodizoda-interview", ()),
    ("afcli source stepanova-s\t", "afcli source stepanova-solution", ()),
    ("afcli source \t\t", "afcli source", ("panfilova-wall", "eurasianet-brothers")),
    ("afcli show c10\t\t", "afcli show c10", ("c100", "c109")),
    ("afcli show zz\t", "afcli show zz", ()),
    (f"afcli --facts {TINY} actor ko\t", rf"afcli --facts {TINY} actor Kofi\ Mensah", ()),
    (f"afcli actor --facts {TINY} ko\t", rf"afcli actor --facts {TINY} Kofi\ Mensah", ()),
    (f"afcli country --facts {TINY} \t\t", f"afcli country --facts {TINY}", ("Atlantis",)),
    # Two bases at once: of the shipped facts alone it would be nobody. From where the tests are: lines must fit.
    (
        "afcli --facts tests/tiny --facts facts actor ko\t",
        r"afcli --facts tests/tiny --facts facts actor Kofi\ Mensah",
        (),
    ),
    ("afcli country --facts /no/where \t\t", "afcli country --facts /no/where", ()),
    ("afcli completion ins\t", "afcli completion install", ()),
    ("afcli completion install z\t", "afcli completion install zsh", ()),
    ("afcli completion install s\t", "afcli completion install s", ()),
    ("afcli completion install zsh b\t", "afcli completion install zsh b", ()),
    # After a redirection stands a file; a word after that is a word again.
    ("afcli country uz > pypro\t", "afcli country uz > pyproject.toml", ()),
    ("afcli country >/dev/null taj\t", "afcli country >/dev/null Tajikistan", ()),
    # Names of several words need no quotes.
    ("afcli country south o\t", "afcli country south Ossetia", ()),
    ("afcli country central \t", "afcli country central Asia", ()),
    ("afcli actor collective security t\t", r"afcli actor collective security Treaty\ Organisation", ()),
    ("afcli country nowhere o\t", "afcli country nowhere o", ()),
    ("afcli find taliban uzbeki\t", "afcli find taliban Uzbekistan", ()),
    # After -- nothing is an option.
    ("afcli find -- --co\t", "afcli find -- --co", ()),
    ("afcli find -- uzbeki\t", "afcli find -- Uzbekistan", ()),
    # A value in the word of its option.
    ("afcli find x -kque\t", "afcli find x -kquestion", ()),
    ("afcli find x -cturkm\t", "afcli find x -cTurkmenistan", ()),
    ("afcli find x --country='south o\t", "afcli find x --country='South Ossetia'", ()),
    ("afcli find country:'south o\t", "afcli find country:'South Ossetia'", ()),
    ("afcli find taliban coun\t", "afcli find taliban country:", ()),
    ("afcli find taliban coun\tkyrg\t", "afcli find taliban country:Kyrgyzstan", ()),
    ("afcli show C04\t\t", "afcli show c04", ("c040", "c049")),
    ("afcli cite C042\t", "afcli cite c042", ()),
    (
        f"afcli cite 6 --style {STYLES}/ie\t",
        f"afcli cite 6 --style {STYLES}/ieee.csl",
        (),
    ),
    # The names of the facts shipped are no names of other facts.
    (f"afcli --facts {TINY} country таджикист\t", f"afcli --facts {TINY} country таджикист", ()),
    (f"afcli --facts {TINY} actor boss\t", rf"afcli --facts {TINY} actor boss", ()),
]
SEEN_OTHERWISE = {
    # zsh writes a long option that takes a value with its equals sign, and keeps a word of no match.
    ("zsh", "afcli find x --lim\t"): "afcli find x --limit=",
    ("zsh", "afcli find x --country='south o\t"): r"afcli find x --country=South\ Ossetia",
    ("zsh", "afcli find country:'south o\t"): r"afcli find country:South\ Ossetia",
    # fish puts a word where it can be read back, whatever quotation mark was begun.
    ("fish", "afcli country 'cent\t"): r"afcli country Central\ Asia",
    ("fish", 'afcli country "cent\t'): r"afcli country Central\ Asia",
    ("fish", "afcli find x --country='south o\t"): r"afcli find x --country=South\ Ossetia",
    ("fish", "afcli find country:'south o\t"): r"afcli find country:South\ Ossetia",
    # fish offers what differs in case, but changes nothing before one is chosen.
    ("fish", "afcli show C04\t\t"): "afcli show C04",
    # fish finds what stands within a name.
    ("fish", "afcli actor Rahmo\t"): r"afcli actor Emomali\ Rahmon",
}


class Typist:
    """A shell in a terminal of its own, at which one types and looks."""

    def __init__(self, shell, home, env):
        """Start *shell* in *home* and wait for its prompt."""
        import pexpect
        import pyte

        self.shell = shell
        self.screen = pyte.Screen(150, 50)
        self.stream = pyte.Stream(self.screen)
        world = {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "HOME": str(home),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            **env,
        }
        getattr(self, f"_{shell}")(home)
        arguments = {"bash": ["--noprofile", "--rcfile", str(home / "bashrc"), "-i"]}.get(shell, ["-i"])
        self.timeout, self.end = pexpect.TIMEOUT, pexpect.EOF
        self.child = pexpect.spawn(
            shell, arguments, env=world, dimensions=(50, 150), encoding="utf-8", cwd=str(ROOT)
        )
        self.until(lambda: any(MARK in line for line in self.screen.display))

    def _bash(self, home):
        options = "completion-query-items 0|page-completions off|bell-style none|enable-bracketed-paste off"
        lines = [f"bind 'set {option}'" for option in options.split("|")]
        (home / "bashrc").write_text(
            "\n".join([f"PS1='{MARK}'", *lines, f"source {script('afcli.bash')}", ""])
        )

    def _zsh(self, home):
        (home / ".zshrc").write_text(
            f"PS1='{MARK}'\nfpath+=({script('_afcli').parent})\nautoload -U compinit; compinit -u\nunsetopt beep auto_menu\nLISTMAX=1000\n"
        )

    def _fish(self, home):
        folder = home / ".config" / "fish" / "completions"
        folder.mkdir(parents=True)
        shutil.copy(script("afcli.fish"), folder)
        (folder.parent / "config.fish").write_text(
            f"function fish_prompt; echo -n '{MARK}'; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n"
        )

    def until(self, seen, quiet=0.1, patience=600):
        """Read until *seen* is true and the screen is quiet, or patience ends."""
        for _ in range(patience):
            try:
                while True:
                    self.stream.feed(self.child.read_nonblocking(65536, timeout=quiet))
            except (self.timeout, self.end):
                if seen():
                    return

    def type(self, keys, seen=lambda: True):
        """Type *keys* and look until *seen* is true."""
        self.child.send(keys)
        self.until(seen)

    @property
    def tabs(self):
        """Return the Tabs that list what is offered: fish takes the next for a choice."""
        return "\t" if self.shell == "fish" else "\t\t\t"

    @property
    def line(self):
        """Return what stands at the last prompt."""
        shown = [line.partition(MARK)[2] for line in self.screen.display if MARK in line]
        return shown[-1].rstrip()

    @property
    def shown(self):
        """Return the words of the whole screen."""
        return " ".join(self.screen.display).split()

    def offers(self, words):
        """Tell whether each of *words* is on the screen; fish writes … for what was typed already."""
        return all(any(shown.endswith(word[1:]) for shown in self.shown) for word in words)

    def close(self):
        """End the shell."""
        self.child.close(force=True)


@pytest.fixture(params=["bash", "zsh", "fish"])
def typist(request, tmp_path):
    """Return who types, or skip where the shell is missing and need not be there."""
    if not shutil.which(request.param):
        assert not os.environ.get("PROVE_ALL"), f"{request.param} is missing"
        pytest.skip(f"{request.param} is missing")
    made = []

    def start(**env):
        home = tmp_path / str(len(made))
        home.mkdir()
        made.append(Typist(request.param, home, env))
        return made[-1]

    start.shell = request.param
    yield start
    for one in made:
        one.close()


@pytest.mark.slow
def test_tabs_in_real_shells(typist):
    """What is on the line, and what is offered."""
    hand = typist()
    wrong = []
    for typed, line, offered in CASES:
        wanted = SEEN_OTHERWISE.get((typist.shell, typed), line)
        hand.type("\x15\x0c", lambda: not hand.line)  # an empty line on an empty screen
        keys = typed.replace("\t\t", hand.tabs)
        hand.type(keys, lambda: hand.line == wanted and hand.offers(offered))  # noqa: B023  # called at once
        if hand.line != wanted or not hand.offers(offered):
            wrong.append((typed, wanted, hand.line, hand.shown[:30]))
    assert "\n".join(map(str, wrong)) == ""


@pytest.mark.slow
def test_names_of_ones_own_facts_come_from_the_environment(typist):
    """Without a word on standard error where it names nothing."""
    hand = typist(AFCLI_FACTS=str(TINY))
    hand.type("afcli actor ko\t", lambda: "Mensah" in hand.line)
    assert hand.line == r"afcli actor Kofi\ Mensah"
    lost = typist(AFCLI_FACTS="/no/where")
    before = lost.screen.cursor.y
    lost.type("afcli actor ko\t", lambda: lost.line == "afcli actor ko")
    assert (lost.line, lost.screen.cursor.y) == ("afcli actor ko", before)


@pytest.mark.slow
def test_fish_and_zsh_show_what_a_number_is(typist):
    """A source number with its author and title."""
    if typist.shell != "bash":
        hand = typist()
        hand.type("afcli source \t", lambda: "Panfilova" in hand.shown)
        assert any("6" in line and "Panfilova 2021: " in line for line in hand.screen.display)


@pytest.mark.slow
def test_a_program_called_by_its_path_is_the_one_that_is_asked(typist, tmp_path):
    """None stands on PATH; where the program fails, nothing is offered."""
    hand = typist(PATH="/usr/bin:/bin")
    if typist.shell == "fish":
        # It loads no script for what is not on PATH.
        hand.type(f"source {script('afcli.fish')}\r\x0c", lambda: not hand.line)
    hand.type(f"{BIN}/afcli show c04{hand.tabs}", lambda: hand.offers(["c040", "c049"]))
    assert hand.offers(["c040", "c049"])
    hand.type("\x15\x0c", lambda: not hand.line)
    hand.type(f"{BIN}/afcli --facts tests/tiny actor ko\t", lambda: "Mensah" in hand.line)
    assert hand.line == rf"{BIN}/afcli --facts tests/tiny actor Kofi\ Mensah"
    hand.type("\x15\x0c", lambda: not hand.line)
    program = tmp_path / "afcli"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)
    for line in (f"{program} --facts tests/tiny country k", f"{program} --facts tests/tiny find x -ck"):
        hand.type(f"{line}{hand.tabs}", lambda: hand.line == line)  # noqa: B023  # called at once
        assert (hand.line, len(hand.shown)) == (line, len(line.split()))
        hand.type("\x15\x0c", lambda: not hand.line)


@pytest.mark.slow
def test_facts_named_for_one_command_are_its_facts(typist):
    """Before it, as the shells do; bash does not show a completion what stands there."""
    if typist.shell != "bash":
        hand = typist()
        hand.type("AFCLI_FACTS=tests/tiny afcli actor ko\t", lambda: "Mensah" in hand.line)
        assert hand.line == r"AFCLI_FACTS=tests/tiny afcli actor Kofi\ Mensah"
        hand.type("\x15\x0c", lambda: not hand.line)
        hand.type("AFCLI_FACTS=tests/tiny true; afcli actor zamir\t", lambda: "Kabulov" in hand.line)
        assert hand.line == r"AFCLI_FACTS=tests/tiny true; afcli actor Zamir\ Kabulov"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("afcli country south o", "Ossetia"),
        ("afcli country 'south' o", "Ossetia"),
        ("afcli country --limit 5 south o", "Ossetia"),
        ("afcli country central ", "Asia"),
        ("afcli country nowhere ", ""),
        ("afcli country uz > pypro", "pyproject.toml"),
        ("afcli country uz 2>pypro", "pyproject.toml"),
        ("afcli country uz &>>pypro", "pyproject.toml"),
        ("afcli country >x 2>&1 uzbeki", "Uzbekistan"),
        ("afcli find -- --co", ""),
        ("afcli find --co", "--country"),
        ("afcli topic rub", "RUBEZH-21"),
        ("afcli place panj", r"Panjshir\ valley"),
        ("afcli place nowhere ", ""),
        ("afcli help sta", "stats"),
        ("afcli help stats ", ""),
        ("afcli completion ", "show install"),
        ("afcli completion install ", "bash zsh fish powershell"),
        ("afcli completion install zsh ", ""),
        (f"afcli cite 6 --style {STYLES}/ie", f"{STYLES}/ieee.csl"),
        ("afcli cite 6 --style=ie", "ieee"),
        ("afcli find x --country='south o", "South Ossetia"),
        ("afcli find x '--country=south o", "--country=South Ossetia"),
        ("afcli find country:'south o", "South Ossetia"),
        ("afcli find x -kq", "-kquote -kquestion"),
        ("afcli find x -jk", ""),
        ("afcli find x coun", "country:"),
        ("afcli find x 'coun", "country:"),
    ],
)
def test_what_bash_is_offered(line, offered):
    """By the function that bash calls, without a terminal."""
    code = 'source "$1"; COMP_LINE=$2; COMP_POINT=${#2}; _afcli; echo "${COMPREPLY[*]}"'
    ran = subprocess.run(
        ["bash", "-c", code, "bash", script("afcli.bash"), line],
        capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, check=True, cwd=ROOT,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == (offered + "\n", "")


def test_static_words_start_no_python():
    """Commands, options, names, sources and styles stand in the script."""
    lines = ("afcli cou", "afcli country uz", "afcli find x --k", "afcli cite 6 --style a", "afcli source p")
    code = f"afcli() {{ echo started; exit 9; }}; source {script('afcli.bash')}\n" + "".join(
        f"COMP_LINE='{line}' COMP_POINT={len(line)}; _afcli; echo ${{#COMPREPLY[@]}}\n" for line in lines
    )
    ran = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}, check=True
    )
    counts = [int(line) for line in ran.stdout.split()]
    assert len(counts) == len(lines)
    assert all(counts)
    assert ran.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_well_formed(shell):
    """As the shell itself sees it."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is missing")
    name = {"zsh": "_afcli"}.get(shell, f"afcli.{shell}")
    assert subprocess.run([shell, "-n", script(name)], check=False).returncode == 0


def test_the_program_knows_the_words_of_any_base():
    """One a line, with a description."""
    assert run("complete", "actor").out == "Kofi Mensah\tferry master\nPort Authority\tgovernment\n"
    assert run("complete", "id", "c00").out.splitlines()[0].startswith("c001\tThe ferry")
    assert run("complete", "id", "C00").out == run("complete", "id", "c00").out
    assert run("complete", "other-actor").out.splitlines()[0] == "Mensa\tKofi Mensah"
    assert "complete" not in run("--help").out


def test_a_word_with_line_breaks_is_one_line(base):
    """Its whitespace, and that of what it is, would be read as the end of it."""
    entities = base / "entities.yaml"
    text = entities.read_text("utf-8").replace("name: Kofi Mensah,", r'name: "Kofi\n\tMensah",')
    entities.write_text(text.replace("role: ferry master", r'role: "ferry\tmaster"'), "utf-8")
    ran = run("complete", "actor", facts=base)
    assert ran.out == "Kofi Mensah\tferry master\nPort Authority\tgovernment\n"


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/afcli"),
        ("zsh", ".local/share/zsh/site-functions/_afcli"),
        ("fish", ".config/fish/completions/afcli.fish"),
        ("powershell", ".config/powershell/afcli.ps1"),
    ],
)
def test_a_script_is_shown_and_installed(tmp_path, shell, place):
    """Into the user's own place; the shell may be told by the environment."""
    name = {"zsh": "_afcli", "powershell": "afcli.ps1"}.get(shell, f"afcli.{shell}")
    text = (script(name)).read_text("utf-8")
    assert run("completion", "show", shell).out == text
    env = {"HOME": str(tmp_path), "SHELL": "/usr/bin/pwsh" if shell == "powershell" else f"/bin/{shell}"}
    ran = run("completion", "install", env=env)
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith(f"written: {tmp_path / place}; ")
    assert (tmp_path / place).read_text("utf-8") == text


def test_a_script_that_is_there_stays_where_the_new_one_cannot_be_written(tmp_path):
    """Here no file may grow; a link, as to a collection of settings, stays one."""
    place = tmp_path / ".local/share/bash-completion/completions/afcli"
    place.parent.mkdir(parents=True)
    kept = tmp_path / "dotfiles.bash"
    kept.write_text("old")
    place.symlink_to(kept)
    # Python does not notice that what it compiled was not written whole.
    env = WORLD | {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    limited = [
        "bash",
        "-c",
        'trap "" XFSZ; ulimit -f 8; exec "$@"',
        "-",
        AFCLI,
        "completion",
        "install",
        "bash",
    ]
    ran = subprocess.run(limited, env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (74, "")
    assert ran.stderr == f"afcli: {place}: file too large; try: afcli completion show bash\n"
    assert (kept.read_text(), [p.name for p in tmp_path.glob(".*")]) == ("old", [".local"])
    assert run("completion", "install", "bash", env={"HOME": str(tmp_path)}).status == 0
    assert place.is_symlink()
    assert kept.read_text("utf-8") == script("afcli.bash").read_text("utf-8")


def test_what_cannot_be_installed_is_said(tmp_path):
    """In one line."""
    ran = run("completion", "install", env={"SHELL": "/bin/tcsh"})
    assert (ran.status, ran.err) == (
        2,
        "afcli: cannot tell your shell; name one of bash, zsh, fish, powershell\n",
    )
    (tmp_path / ".local").write_text("")
    ran = run("completion", "install", "bash", env={"HOME": str(tmp_path)})
    assert ran.status == 74
    assert ran.err.count("\n") == 1
    assert "completion show bash" in ran.err
