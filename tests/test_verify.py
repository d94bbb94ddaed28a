"""Claims are held against another text of the article: what stands, moved, changed, is gone; and mended."""

import json
import shutil
import stat

import pytest
from conftest import HERE, TINY, claim_findings, needs_new
from hypothesis import given
from hypothesis import strategies as st

from afcli.authoring import new_edition as fixing
from afcli.authoring.article import read_table
from afcli.authoring.moved_sentences import digest, trace
from afcli.errors import UsageError
from afcli.files import lock
from afcli.files import strict_yaml as documents
from afcli.files.load import load

OLD = TINY / "sentences.tsv"
COVERED = "6 of 6 sentences have a claim that was read\n"
CLEAN = "6 claims compared with the article: 0 findings\n"


@pytest.fixture
def stamped(afcli, base):
    """Return a copy of the small base that knows the digests of its article."""
    assert afcli("verify", "--article", OLD, "--stamp", base).status == 0
    return base


def text_of(base, *changes):
    """Write the article anew, with each pair of strings changed, and return its path."""
    text = OLD.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = base.parent / "new.tsv"
    path.write_text(text, "utf-8")
    return path


def swapped(base, one, two):
    """Write the article anew with the texts of two places exchanged, and return its path."""
    rows = dict(line.split("\t") for line in OLD.read_text("utf-8").splitlines()[1:])
    rows[one], rows[two] = rows[two], rows[one]
    path = base.parent / "new.tsv"
    path.write_text("id\ttext\n" + "".join(f"{id_}\t{text}\n" for id_, text in rows.items()), "utf-8")
    return path


def inserted(base):
    """Return the article with a new sentence in block 2 and a new paragraph after it."""
    old = OLD.read_text("utf-8")
    rows = dict(line.split("\t") for line in old.splitlines()[1:])
    new = {"1.1": rows["1.1"], "2.1": rows["2.1"], "2.2": "It is slow.", "2.3": rows["2.2"], "2.4": rows["2.3"],
           "3.1": "Nobody minds.", "4.1": rows["3.1"], "5.1": rows["4.1"], "5.2": rows["4.2"], "5.3": rows["4.3"],
           "6.1": rows["5.1"], "7.1": rows["6.1"]}  # fmt: skip
    path = base.parent / "new.tsv"
    path.write_text("id\ttext\n" + "".join(f"{place}\t{text}\n" for place, text in new.items()), "utf-8")
    return path


def files(base):
    """Return the content of every file, by name."""
    return {p.relative_to(base).as_posix(): p.read_bytes() for p in sorted(base.rglob("*")) if p.is_file()}


def test_without_digests_changes_cannot_be_told(afcli, base):
    """What can be held against the text still is."""
    ran = afcli("verify", "--article", OLD, base)
    hint = "no digests of the article, so what changed cannot be told; --stamp writes them\n"
    assert (ran.out, ran.err, ran.status) == ("", COVERED + hint + CLEAN, 0)


HEAD = "# Written by afcli verify --stamp: the sentences of the article, and a digest of each.\n"


def digests_of(article):
    """Return the file of digests of an article."""
    return HEAD + "".join(f"{id_}\t{digest(text)}\n" for id_, text in read_table(article).items())


def test_stamping_writes_a_digest_of_each_sentence(afcli, base):
    """Into a file of their own, and no other; a second time changes nothing."""
    before = files(base)
    ran = afcli("verify", "--article", OLD, "--stamp", base)
    said = f"10 digests in {base / 'digests.tsv'}\n{COVERED}6 unchanged, 0 moved, 0 changed, 0 gone\n{CLEAN}"
    assert (ran.out, ran.err, ran.status) == ("", said, 0)
    assert files(base) == before | {"digests.tsv": digests_of(OLD).encode()}
    once = files(base)
    assert afcli("verify", "--article", OLD, "--stamp", base).status == 0
    assert files(base) == once


def in_article(base, ends="\n"):
    """Move the digests into article.yaml, where older versions wrote them, and return its lines besides."""
    path, digests = base / "article.yaml", base / "digests.tsv"
    old = "".join(f'  "{id_}": "{digest(text)}"\n' for id_, text in read_table(OLD).items())
    head, outline = path.read_text("utf-8").split("outline:\n")
    digests.unlink()
    text = f"{head}digests:\n{old}\n# The sections.\noutline:\n{outline}".replace("\n", ends)
    path.write_bytes(text.encode())
    return f"{head}\n# The sections.\noutline:\n{outline}".replace("\n", ends).encode()


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("option", ["--stamp", "--fix"])
def test_digests_in_the_article_are_read_and_moved(afcli, stamped, ends, option):
    """As older versions wrote them: known again, and taken into their own file by the next change."""
    rest = in_article(stamped, ends)
    moved = swapped(stamped, "2.2", "2.3")
    assert "4 unchanged, 2 moved, 0 changed, 0 gone\n" in afcli("verify", "--article", moved, stamped).err
    new = OLD if option == "--stamp" else moved
    assert afcli("verify", "--article", new, option, stamped).status == 0
    assert (stamped / "article.yaml").read_bytes() == rest
    assert {*(stamped / "digests.tsv").read_text("utf-8").splitlines()} == {*digests_of(new).splitlines()}


def test_digests_in_two_files_are_refused(afcli, stamped):
    """Nobody could tell which are right."""
    digests = (stamped / "digests.tsv").read_bytes()
    in_article(stamped)
    (stamped / "digests.tsv").write_bytes(digests)
    ran = afcli("check", stamped)
    wanted = f"{stamped / 'article.yaml'}:8: there are digests in digests.tsv too; delete those in one of the files"
    assert (ran.err.splitlines()[0], ran.status) == (wanted, 3)


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("4.3\t", "4.4\t", 9, "unknown sentence '4.4'; see the outline in article.yaml"),
        ("4.3\t", "4.2\t", 9, "'4.2' appears twice; delete this file, and let afcli verify --stamp write it"),
        ("4.3\t", "4.3 ", 9, "is not a sentence and its digest; delete this file, and let afcli verify --stamp write it"),
        (HEAD, "\n", 1, "is not a sentence and its digest; delete this file, and let afcli verify --stamp write it"),
    ],
    ids=["unknown", "twice", "no tab", "no first line"],
)  # fmt: skip
def test_digests_that_are_not_right(afcli, stamped, old, new, line, complaint):
    """Whoever reads them says so; a lookup needs none, and answers."""
    path = stamped / "digests.tsv"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    ran = afcli("check", stamped)
    assert (ran.err.splitlines()[0], ran.status) == (f"{path}:{line}: {complaint}", 3)
    assert afcli("list", facts=stamped).status == 0


def test_an_outline_within_a_line_is_never_rewritten(afcli, stamped):
    """What cannot be cut out cleanly is left to a person; nothing is written."""
    path = stamped / "article.yaml"
    data = documents.parse(path, path.read_text("utf-8")).data
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    before = files(stamped)
    ran = afcli("verify", "--article", inserted(stamped), "--fix", stamped)
    wanted = f"{path}:1: has several top-level keys on one line; begin a line with each of them"
    assert (ran.out, ran.err.splitlines()[0], ran.status) == ("", wanted, 3)
    assert files(stamped) == before


def test_unchanged_whatever_the_typography(afcli, stamped):
    """Unicode form, shapes of quotation marks and spaces do not count."""
    new = text_of(
        stamped,
        ("‘a hole in the water’", '"a hole\u00a0in  the water"'),
        ("2. The costs", "2. The\u2009costs"),
        ("остаётся", "остае\u0308тся"),
    )
    ran = afcli("verify", "--article", new, stamped)
    assert (ran.out, ran.err, ran.status) == (
        "",
        f"{COVERED}6 unchanged, 0 moved, 0 changed, 0 gone\n{CLEAN}",
        0,
    )


def test_moved_and_fixed(afcli, stamped):
    """Verify says where each sentence stands now; --fix rewrites those places, and nothing else."""
    (stamped / "claims" / "3-lines.jsonl").write_text(
        '{"id": "c007", "text": "A claim \\"at\\": [\\"2.2\\"].", "kind": "fact", "actors": [], "countries": [], '
        '"date": "2019", "date_basis": "writing", "source": "article", "basis": "explicit", "at" : ["2.1", "2.2"],'
        ' "explained": {"number": "It is a place."}}\n',
        "utf-8",
    )
    new = inserted(stamped)
    before = files(stamped)
    uncovered = """\
2.2: uncovered: no claim rests on this sentence
2a.1: uncovered: no claim rests on this sentence
"""
    claims = """\
c002: moved: 2.2 is now at 2.3
c002: moved: 2.3 is now at 2.4
c003: moved: 2.3 is now at 2.4
c007: moved: 2.2 is now at 2.3
"""
    covered = "6 of 8 sentences have a claim that was read\n3 of 5 in Opening\n"
    ran = afcli("verify", "--article", new, "--all", stamped)
    said = "4 unchanged, 3 moved, 0 changed, 0 gone\n7 claims compared with the article: 6 findings\n"
    assert (ran.out, ran.err, ran.status) == (uncovered + claims, covered + said, 1)
    assert files(stamped) == before
    ran = afcli("verify", "--article", new, stamped)
    more = "4 moved: the first three of each are shown; --all shows all\n"
    assert (ran.out, ran.err) == (uncovered + claims[: claims.index("c007")], more + covered + said)
    ran = afcli("verify", "--article", new, stamped, "--without", "moved", "--json")
    findings = [
        {"rule": "uncovered", "where": id_, "message": "no claim rests on this sentence"}
        for id_ in ("2.2", "2a.1")
    ]
    assert json.loads(ran.out) == findings

    ran = afcli("verify", "--article", new, "--fix", stamped)
    fixed = (
        "3 moved; files changed: 1-opening.yaml, 3-lines.jsonl, article.yaml, digests.tsv, sentences.tsv\n"
    )
    said = "7 unchanged, 0 moved, 0 changed, 0 gone\n7 claims compared with the article: 2 findings\n"
    assert (ran.out, ran.err, ran.status) == (uncovered, fixed + covered + said, 1)
    after = files(stamped)
    expected = {name: content.decode() for name, content in before.items()}
    for name, old, there in [
        ("claims/1-opening.yaml", '["2.2", "2.3"]', '["2.3", "2.4"]'),
        ("claims/1-opening.yaml", 'at: ["2.3"]', 'at: ["2.4"]'),
        ("claims/3-lines.jsonl", '["2.1", "2.2"]', '["2.1", "2.3"]'),
    ]:
        expected[name] = expected[name].replace(old, there)
    named = {"3.1": "2a.1", **{f"{n}.": f"{n - 1}." for n in range(4, 8)}}
    expected |= {"digests.tsv": digests_of(new), "sentences.tsv": new.read_text("utf-8")}
    for old, there in named.items():
        for name in ("digests.tsv", "sentences.tsv"):
            expected[name] = expected[name].replace(f"\n{old}", f"\n{there}")
    article = expected["article.yaml"].split("outline:\n")[0]
    expected["article.yaml"] = f"""{article}outline:
  - id: opening
    title: Opening
    blocks:
      - {{ block: "1", kind: title, sentences: "1" }}
      - {{ block: "2", kind: body, sentences: "4" }}
      - {{ block: "2a", kind: body, sentences: "1" }}
  - id: quarrel
    title: "The quarrel: who pays?"
    blocks:
      - {{ block: "3", kind: heading, sentences: "1" }}
      - {{ block: "4", kind: body, sentences: "3" }}
      - {{ block: "5", kind: reference, sentences: "1" }}
      - {{ block: "6", kind: reference, sentences: "1" }}
"""
    assert {name: content.decode() for name, content in after.items()} == expected
    ran = afcli("verify", "--article", new, "--fix", stamped)
    assert ran.err.startswith("0 moved; files changed: none\n")
    assert files(stamped) == after


def test_a_paragraph_more_moves_nothing(afcli, stamped):
    """Only the outline, the digests and the table of sentences change."""
    before = files(stamped)
    rows = OLD.read_text("utf-8").replace("3.1\t", "2.4\tNobody minds.\n3.1\t")
    new = stamped.parent / "new.tsv"
    new.write_text(rows.replace("2.4\tN", "9.1\tN"), "utf-8")
    ran = afcli("verify", "--article", new, "--fix", stamped)
    assert ran.out == "2a.1: uncovered: no claim rests on this sentence\n"
    changed = {name for name, content in files(stamped).items() if content != before[name]}
    assert changed == {"article.yaml", "digests.tsv", "sentences.tsv"}
    assert afcli("show", "c004", facts=stamped).status == 0


def test_changed(afcli, stamped):
    """The sentence that stands there now is shown, and held against the claim."""
    new = text_of(stamped, ("Kofi Mensah.", "Ada Boateng."))
    ran = afcli("verify", "--article", new, stamped)
    out = """\
c002: changed: 2.2 now reads: In March 2018 its new master was [-Kofi Mensah.-] {+Ada Boateng.+}
c002: name: Mensah is not in 2.2, 2.3 or beside it
"""
    said = "5 unchanged, 0 moved, 1 changed, 0 gone\n6 claims compared with the article: 2 findings\n"
    assert (ran.out, ran.err, ran.status) == (out, COVERED + said, 1)


def test_changed_is_held_against_the_new_sentence(afcli, stamped):
    """A number that it no longer has is found."""
    new = text_of(stamped, ("owe 27%", "owe 28%"))
    ran = afcli("verify", "--article", new, stamped)
    assert ran.out == (
        "c006: changed: 4.3 now reads: Did Atlantis owe [-27%-] {+28%+} of what it cost?\n"
        "c006: number: 27 is not in 4.3\n"
    )


def test_against_the_old_text_shows_the_difference(afcli, base):
    """Word by word; the old text does where there are no digests."""
    new = text_of(base, ("with 2 ferries a day", "with 2 old ferries on the day"), ("My bet is on", "I bet"))
    out = """\
c002: changed: 2.3 now reads: One hears that the Port Authority parted with 2 {+old+} ferries [-a-] {+on the+} day after the third of that month plus one.
c003: changed: 2.3 now reads: One hears that the Port Authority parted with 2 {+old+} ferries [-a-] {+on the+} day after the third of that month plus one.
c005: changed: 4.2 now reads: [-My-] {+I+} bet [-is on-] the African Union.
"""
    said = "3 unchanged, 0 moved, 3 changed, 0 gone\n6 claims compared with the article: 3 findings\n"
    ran = afcli("verify", "--article", new, "--against", OLD, base)
    assert (ran.out, ran.err, ran.status) == (out, COVERED + said, 1)
    afcli("verify", "--article", OLD, "--stamp", base)
    assert afcli("verify", "--article", new, "--against", OLD, base).out == out


def without(base, *starts):
    """Write the article anew without the rows that begin so, its blocks numbered anew, and return its path."""
    path = base.parent / "new.tsv"
    lines = [line for line in OLD.read_text("utf-8").splitlines() if not line.startswith(starts)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_sentence_less(afcli, stamped):
    """A claim that stands on another one too stays there, and waits to be read again."""
    new = without(stamped, "2.2")
    ran = afcli("verify", "--article", new, stamped)
    out = """\
c002: gone: 2.2 is no longer in the article
c002: moved: 2.3 is now at 2.2
c003: moved: 2.3 is now at 2.2
"""
    covered = "5 of 5 sentences have a claim that was read\n"
    said = "4 unchanged, 1 moved, 0 changed, 1 gone\n6 claims compared with the article: 3 findings\n"
    assert (ran.out, ran.err, ran.status) == (out, covered + said, 1)

    before = files(stamped)
    ran = afcli("verify", "--article", new, "--fix", stamped)
    assert (
        ran.out
        == """\
c002: changed: 2.2 now reads: One hears that the Port Authority parted with 2 ferries a day after the third of that month plus one.
c002: date: the date March 2018 is not in 2.2, which gives no date
c002: name: Mensah is not in 2.2 or beside it
"""
    )
    assert "2 moved, 1 marked changed; files changed: 1-opening.yaml, " in ran.err
    was, now = (texts["claims/1-opening.yaml"].decode().splitlines() for texts in (before, files(stamped)))
    assert [line for line in now if line not in was] == [
        "    at: ['2.2']",
        "    status: changed",
        '    at: ["2.2"]',
    ]
    assert [line for line in was if line not in now] == ['    at: ["2.2", "2.3"]', '    at: ["2.3"]']


def test_gone(afcli, stamped):
    """A claim without any sentence keeps its place and says so; nothing else is held against it."""
    before = files(stamped)
    new = without(stamped, "4.2", "5.1")
    ran = afcli("verify", "--article", new, "--fix", stamped)
    gone = "c005: gone: 4.2 is no longer in the article\n"
    said = """\
1 moved, 1 marked gone; files changed: 2-quarrel.yaml, bibliography.yaml, article.yaml, digests.tsv, sentences.tsv
5 of 5 sentences have a claim that was read
5 unchanged, 0 moved, 0 changed, 1 gone
6 claims compared with the article: 1 finding
"""
    assert (ran.out, ran.err, ran.status) == (gone, said, 1)
    was, now = before["claims/2-quarrel.yaml"].decode(), files(stamped)["claims/2-quarrel.yaml"].decode()
    place = '    at: ["4.2"]\n'
    assert now == was.replace(place, f"{place}    status: gone\n").replace('"4.3"', '"4.2"')
    assert "at:" not in files(stamped)["bibliography.yaml"].decode().partition("costs")[0]
    assert (
        files(stamped)["bibliography.yaml"].decode().partition("costs")[2]
        == before["bibliography.yaml"].decode().partition("costs")[2]
    )
    assert afcli("find", "expects", facts=stamped).status == 1
    once = files(stamped)
    for option in ("--fix", "--stamp"):
        assert afcli("verify", "--article", new, option, stamped).out == gone
        assert files(stamped) == once


def test_split_and_joined(afcli, stamped):
    """The words are all there: the claims follow, and stay read."""
    text = OLD.read_text("utf-8").replace("Mensah.\n2.3\t", "Mensah. ")
    rest = (
        text.replace("put it, the", "put it,\n4.2\tthe")
        .replace("\n4.3", "\n4.4")
        .replace("\n4.2\tMy", "\n4.3\tMy")
    )
    new = stamped.parent / "new.tsv"
    new.write_text(rest, "utf-8")
    ran = afcli("verify", "--article", new, "--all", stamped)
    assert (
        ran.out
        == """\
c002: moved: 2.2 is now at 2.2, joined with its neighbour
c002: moved: 2.3 is now at 2.2
c003: moved: 2.3 is now at 2.2
c004: moved: 4.1 is now at 4.1, 4.2
c005: moved: 4.2 is now at 4.3
c006: moved: 4.3 is now at 4.4
"""
    )
    ran = afcli("verify", "--article", new, "--fix", stamped)
    assert ran.out == ""
    assert ran.err.startswith("5 moved; files changed: ")
    claims = "".join(path.read_text("utf-8") for path in sorted((stamped / "claims").iterdir()))
    places = [line.strip() for line in claims.splitlines() if "at: [" in line]
    assert places == [
        'at: ["2.1"]',
        "at: ['2.2']",
        'at: ["2.2"]',
        "at: ['4.1', '4.2']",
        'at: ["4.3"]',
        'at: ["4.4"]',
    ]


def test_what_changed_stays_so_until_it_was_read(afcli, stamped):
    """Whatever is stamped: only the status that somebody takes away tells that it was read again."""
    new = inserted(stamped)
    new.write_text(new.read_text("utf-8").replace("My bet is on", "I bet on"), "utf-8")
    difference = "c005: changed: 4.2 now reads: [-My-] {+I+} bet [-is-] on the African Union.\n"
    plain = "c005: changed: 4.2 now reads: I bet on the African Union.\n"
    assert difference in afcli("verify", "--article", new, "--all", stamped).out
    assert plain in afcli("verify", "--article", new, "--fix", stamped).out
    for options in ((), ("--stamp",), ("--fix",), ("--stamp",)):
        assert plain in afcli("verify", "--article", new, *options, stamped).out
    ran = afcli("verify", "--article", new, "--against", OLD, stamped)
    assert difference in ran.out
    assert "6 unchanged" not in ran.err
    assert "5 unchanged, 0 moved, 1 changed, 0 gone\n" in ran.err
    path = stamped / "claims" / "2-quarrel.yaml"
    path.write_text(path.read_text("utf-8").replace("    status: changed\n", ""), "utf-8")
    assert "changed:" not in afcli("verify", "--article", new, stamped).out


def test_stamping_marks_what_changed(afcli, stamped):
    """A new wording is never taken for read."""
    new = text_of(stamped, ("owe 27%", "owe 28%"))
    ran = afcli("verify", "--article", new, "--stamp", stamped)
    assert ran.err.startswith(f"10 digests in {stamped / 'digests.tsv'}, 1 marked changed\n")
    assert "c006: changed: 4.3 now reads: Did Atlantis owe 28% of what it cost?\n" in ran.out
    assert "28%" in (stamped / "sentences.tsv").read_text("utf-8")


def test_stamping_loses_no_sentence(afcli, stamped):
    """A text of another outline, or with sentences elsewhere, is refused."""
    before = files(stamped)
    ran = afcli("verify", "--article", inserted(stamped), "--stamp", stamped)
    refused = "afcli: --stamp: only the text has a sentence 2.4; use --fix, or correct the outline\n"
    assert (ran.out, ran.err, ran.status) == ("", refused, 2)
    new = swapped(stamped, "4.1", "4.2")
    ran = afcli("verify", "--article", new, "--stamp", stamped)
    refused = (
        "afcli: --stamp: the sentences of c004 (4.1), c005 (4.2) have moved or are gone; use --fix first\n"
    )
    assert (ran.out, ran.err, ran.status) == ("", refused, 2)
    assert files(stamped) == before
    assert afcli("verify", "--article", new, "--fix", stamped).status == 0
    assert files(stamped)["claims/2-quarrel.yaml"] == (
        before["claims/2-quarrel.yaml"]
        .replace(b"4.1", b"9.9")
        .replace(b"4.2", b"4.1")
        .replace(b"9.9", b"4.2")
    )


def test_the_files_keep_their_form(afcli, stamped):
    """Line ends, byte order mark, rights and links."""
    path = stamped / "claims" / "1-opening.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    real = path.rename(stamped.parent / "elsewhere.yaml")
    path.symlink_to(real)
    article = stamped / "article.yaml"
    article.write_bytes(article.read_bytes().replace(b"\n", b"\r\n"))
    lines = stamped / "claims" / "3-lines.jsonl"
    line = (
        b'\xef\xbb\xbf{"id": "c007", "text": "A claim.", "kind": "fact", "actors": [], "countries": [], "date": "2019", '
        b'"date_basis": "writing", "source": "article", "basis": "explicit", "at": ["2.2"]}\r\n'
    )
    lines.write_bytes(line)
    before = path.read_bytes()
    assert (
        "files changed: 1-opening.yaml, 3-lines.jsonl, article.yaml, "
        in afcli("verify", "--article", inserted(stamped), "--fix", stamped).err
    )
    assert path.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    after = before.replace(b'["2.2", "2.3"]', b'["2.3", "2.4"]').replace(b'at: ["2.3"]', b'at: ["2.4"]')
    assert path.read_bytes() == after
    assert lines.read_bytes() == line.replace(b"2.2", b"2.3")
    assert b"\r\n" in article.read_bytes()
    assert b"\n" not in article.read_bytes().replace(b"\r\n", b"")
    assert [p.name for p in stamped.rglob(".*")] == []


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("Of this town 68.9% is Port Authority land", None),
        ("The master left because of Port Authority’s rules", None),
        ("See it at ferry-sales.example and ferry.example", None),
        ("See it at ferry-sales.example and ferry.example, which is new", "see it at ferry sales.example and ferry.example which is new"),
    ],
)  # fmt: skip
def test_a_number_a_name_and_an_address_are_a_word(text, copied):
    """A run that is longer than allowed is one finding, as far as it goes."""
    facts = load(TINY)
    texts = {"2.1": f"{text} now."}
    claim = facts.claims[0]._replace(text=text, at=("2.1",), date="2019", date_basis="writing")
    found = [f.message for f in claim_findings(claim, texts, facts) if f.rule == "run"]
    assert found == ([f"copies {copied!r}"] if copied else [])


def test_longer_runs_may_be_allowed(afcli, base):
    """--max-run is the number of words that a claim may share in order."""
    path = base / "claims" / "1-opening.yaml"
    path.write_text(path.read_text("utf-8").replace("Kofi Mensah took over the ferry in March 2018.", "In March 2018 its new master was Kofi Mensah."), "utf-8")  # fmt: skip
    ran = afcli("verify", "--article", OLD, base)
    assert ran.out.splitlines()[0] == "c002: run: copies 'in march 2018 its new master was kofi mensah'"
    assert afcli("verify", "--article", OLD, base, "--max-run", 8).status == 0
    assert len(afcli("verify", "--article", OLD, base, "--max-run", 7).out.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "has no columns id and text; write them tab-separated, with a header"),
        (b"id\ttext\n", "has no columns id and text; write them tab-separated, with a header"),
        (b"\x00\xff\xfe", "is not UTF-8; name a readable file in UTF-8"),
    ],
)
def test_a_text_that_cannot_be_read(afcli, tmp_path, content, complaint):
    """One line says why."""
    path = tmp_path / "text.tsv"
    path.write_bytes(content)
    ran = afcli("verify", "--article", path)
    assert (ran.out, ran.status) == ("", 2)
    assert ran.err.removeprefix(f"afcli: --article: '{path}'").lstrip(": ") == complaint + "\n"


@pytest.mark.parametrize("id_", ["", "x", "1", "1.0", "1.1.1", "1.1"])
def test_a_text_with_an_odd_id(afcli, tmp_path, id_):
    """The line is named; the last of these appears twice."""
    path = tmp_path / "text.tsv"
    path.write_text(f"id\ttext\n1.1\tOne.\n{id_}\tTwo.\n", "utf-8")
    ran = afcli("verify", "--article", path)
    wanted = f"afcli: --article: {path}:3: {id_!r} is not an id, or appears twice; write block.sentence, such as 40.8\n"
    assert (ran.out, ran.err, ran.status) == ("", wanted, 2)


def test_a_digest_of_an_unknown_sentence_in_the_article(afcli, stamped):
    """The outline says which there are."""
    in_article(stamped)
    path = stamped / "article.yaml"
    path.write_text(path.read_text("utf-8").replace('"4.3":', '"4.4":'), "utf-8")
    ran = afcli("check", stamped)
    assert ran.err.splitlines()[0] == f"{path}:16: unknown sentence '4.4'; see the outline in article.yaml"
    assert ran.status == 3


def test_fix_needs_something_to_go_by(afcli, base):
    """Without digests and old text nothing is known of the old places; nor can two things be done at once."""
    ran = afcli("verify", "--article", OLD, "--fix", base)
    wanted = "afcli: --fix: there are no digests of the article; give the old text with --against\n"
    assert (ran.out, ran.err, ran.status) == ("", wanted, 2)
    ran = afcli("verify", "--article", OLD, "--fix", "--stamp", base)
    wanted = "afcli verify: choose one of --fix and --stamp; see afcli verify --help\n"
    assert (ran.err, ran.status) == (wanted, 2)


def test_all_files_or_none(stamped, monkeypatch):
    """Where the last one cannot be prepared, the first was not touched, and nothing is left behind."""
    before = files(stamped)
    changes = {name: (before[name], b"new") for name in ("claims/1-opening.yaml", "claims/2-quarrel.yaml")}

    def full(source, target):
        if source.name == "2-quarrel.yaml":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copymode", full)
    with pytest.raises(UsageError) as raised:
        fixing.write(stamped, changes)
    reason = "cannot be written: no space left on device; check its permissions and free space"
    assert str(raised.value) == f"{stamped}: {reason}"
    assert files(stamped) == before


def numbered(blocks):
    """Return the sentences of *blocks* by place."""
    return {f"{b}.{n}": text for b, block in enumerate(blocks, 1) for n, text in enumerate(block, 1)}


TEXTS = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4), min_size=1, max_size=5)


@given(TEXTS, TEXTS)
def test_every_sentence_has_a_true_fate(old_blocks, new_blocks):
    """What is said to stand somewhere stands there, once; only what is nowhere left is changed or gone."""
    old, new = numbered(old_blocks), numbered(new_blocks)
    fates = trace({place: digest(text) for place, text in old.items()}, new)
    assert {*fates} == {*old}
    kept = [(was, fate.now[0]) for was, fate in fates.items() if fate.standing in ("unchanged", "moved")]
    assert all(new[now] == old[was] for was, now in kept)
    assert all((was == now) == (fates[was].standing == "unchanged") for was, now in kept)
    assert len({now for _, now in kept}) == len(kept)
    taken = {now for _, now in kept}
    for was, fate in fates.items():
        if fate.standing in ("changed", "gone"):
            assert old[was] not in [text for place, text in new.items() if place not in taken]
            assert not taken & set(fate.now)
            assert bool(fate.now) == (fate.standing == "changed")


@given(
    st.lists(st.text("aя😀 '\":,[]{}#\n\t\\-é", max_size=12), min_size=1, max_size=5),
    st.sampled_from(["", "\r\n"]),
)
def test_spans_are_those_of_the_values(values, start):
    """In characters, whatever stands before them, and however they are quoted."""
    import json
    from pathlib import Path

    text = start + "".join(f"- {json.dumps(value, ensure_ascii=False)}\n" for value in values)
    document = documents.parse(Path("x.yaml"), text)
    assert document.data == values
    assert [json.loads(text[document.spans[n,]]) for n in range(len(values))] == values


@needs_new
def test_the_text_itself_is_numbered_as_new_does_it(afcli, tmp_path):
    """Text, Markdown or HTML: all give the same verdict as the table of its sentences."""
    lamp = HERE / "authoring"
    base = shutil.copytree(lamp / "draft", tmp_path / "lamp")
    shutil.copytree(lamp / "rewritten", base, dirs_exist_ok=True)
    wanted = afcli("verify", "--article", base / "sentences.tsv", base)
    assert wanted.status == 0
    for form in ("txt", "md", "html"):
        assert afcli("verify", "--article", lamp / f"lamp.{form}", base) == wanted
    ran = afcli("verify", "--article", lamp / "lamp-2.txt", "--against", tmp_path / "none.html", base)
    assert (ran.out, ran.status) == ("", 2)
    assert ran.err.startswith(f"afcli: --against: {tmp_path / 'none.html'}:1: cannot be read: ")


@needs_new
def test_drafts_follow_their_sentences(afcli, tmp_path):
    """So that whoever goes on writing writes on the right one."""
    lamp = HERE / "authoring"
    base = shutil.copytree(lamp / "draft", tmp_path / "lamp")
    assert "22 digests" in afcli("verify", "--article", lamp / "lamp.txt", "--stamp", base).err
    was = read_table(base / "sentences.tsv")
    drafts = json.loads(afcli("list", "--status", "draft", "--json", facts=base).out)
    assert afcli("verify", "--article", lamp / "lamp-2.txt", "--fix", base).status == 1
    now = read_table(base / "sentences.tsv")
    after = json.loads(afcli("list", "--status", "draft", "--json", facts=base).out)
    assert was["4.3"] == now["4.4"]
    for old, new in zip(drafts, after, strict=True):
        assert f"sentence {new['at'][0]} in" in new["text"]
        if old["at"] != ["8.2"]:
            assert now[new["at"][0]] == was[old["at"][0]]
    assert [new["at"] for old, new in zip(drafts, after, strict=True) if old != new] == [["4.4"]]


def test_nothing_is_carried_over_while_somebody_edits(afcli, stamped):
    """The one who does is named, and nothing changes."""
    before = files(stamped)
    with lock.held(stamped):
        ran = afcli("verify", "--article", inserted(stamped), "--fix", stamped)
    assert (ran.out, ran.status) == ("", 2)
    assert ran.err.startswith(f"afcli: {stamped} is being edited by ")
    assert files(stamped) == before
