"""Addresses of bases in clusters: how they are read, and that nothing of a cluster is loaded without one."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import SHIPPED, TINY, WORLD, run

from afcli.errors import UsageError
from afcli.files.locate import locate_all
from afcli.opensearch.address import parse


@pytest.mark.parametrize(
    ("named", "parts"),
    [
        ("opensearch://h:9200/b", ["opensearch:/h:9200/b"]),
        ("{tiny}:opensearch+https://u:p@h:9200/b:{shipped}", ["{tiny}", "opensearch+https:/u:p@h:9200/b", "{shipped}"]),
        ("opensearch://a:1,b:2/x:opensearch://c/y", ["opensearch:/a:1,b:2/x", "opensearch:/c/y"]),
        ("{tiny}::{shipped}", ["{tiny}", "{shipped}"]),
    ],
)  # fmt: skip
def test_a_list_of_facts_may_hold_addresses(monkeypatch, named, parts):
    """Whose own colons separate nothing."""
    monkeypatch.setenv("AFCLI_FACTS", named.format(tiny=TINY, shipped=SHIPPED))
    assert locate_all() == [Path(part.format(tiny=TINY, shipped=SHIPPED)) for part in parts]


@pytest.mark.parametrize(
    ("text", "shown", "hosts", "credentials"),
    [
        ("opensearch://h/b", "opensearch://h:9200/b", [("h", 9200)], None),
        ("opensearch://a:1,b/b/", "opensearch://a:1,b:9200/b", [("a", 1), ("b", 9200)], None),
        ("opensearch+https://[::1]:9/b-2_c", "opensearch+https://[::1]:9/b-2_c", [("::1", 9)], None),
        ("opensearch://me:a%40b@cred:1/b", "opensearch://cred:1/b", [("cred", 1)], ("me", "a@b")),
    ],
)
def test_an_address_is_read_and_shown_without_credentials(
    monkeypatch, tmp_path, text, shown, hosts, credentials
):
    """Also where it went through a path, which joins slashes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for written in (text, Path(text)):
        address = parse(written)
        assert (str(address), list(address.hosts), address.credentials) == (shown, hosts, credentials)


@pytest.mark.parametrize(
    "text", ["opensearch://h:9200/", "opensearch:///b", "opensearch://h:x/b", "opensearch://h/a/b", "opensearch://me:secret@h/B"]
)  # fmt: skip
def test_another_form_is_refused_without_its_password(text):
    """As a usage error, which says the form."""
    with pytest.raises(UsageError, match="write opensearch://host:9200/base") as refused:
        parse(text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("command", ["check", "index"])
def test_what_takes_files_refuses_an_address(command):
    """In one line, before anything is asked."""
    ran = run(command, "--facts", "opensearch://localhost:1/b", facts=None)
    assert (
        ran.err
        == "afcli: this takes the files of a fact base, not its address in a cluster; name a directory\n"
    )
    assert (ran.out, ran.status) == ("", 2)


def test_nothing_of_a_cluster_is_loaded_without_an_address():
    """Neither our part nor the library."""
    code = "import sys; from afcli.cli import run; run(['find', 'ferry']); print(*[m for m in sys.modules if 'opensearch' in m])"
    done = subprocess.run([sys.executable, "-c", code], env=WORLD, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_an_address_loads_only_what_sends_requests():
    """Of opensearch-py neither its query language nor requests nor asyncio; all stay as they are for others."""
    if find_spec("opensearchpy") is None:
        pytest.skip("needs the extra opensearch")
    code = """
import sys
from afcli.cli import run
run(["find", "ferry", "--facts", "opensearch://localhost:1/b"])
print(*sorted({"asyncio", "opensearchpy", "requests", "urllib3"} & sys.modules.keys()))
import asyncio, opensearchpy
print(opensearchpy.OpenSearch.__name__, opensearchpy.connection.Connection.__name__, asyncio.run.__name__)
loaded = set(sys.modules)
run(["find", "ferry", "--facts", "opensearch://localhost:1/b"])
print(opensearchpy.connection.__name__, sorted(sys.modules.keys() - loaded))
"""
    done = subprocess.run([sys.executable, "-c", code], env=WORLD, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["urllib3", "OpenSearch Connection run", "opensearchpy.connection []"]
    refused = "cannot be reached: connection refused; start OpenSearch there, or correct the host or port"
    assert done.stderr == 2 * f"afcli: opensearch://localhost:1/b {refused}\n"
