"""The page as people use it: in Chromium, with its search held against that of the command line in Node."""

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import HERE, SHIPPED, SHIPPED_CLAIMS, TINY, run
from test_page import HISTORY, HOSTILE, made_hostile

pytestmark = pytest.mark.slow

WIDTHS = (360, 800, 1400)
QUERIES = [json.loads(line) for line in (HERE / "golden" / "queries.jsonl").read_text("utf-8").splitlines()]


def needed(found, what):
    """Skip, or fail where everything is to be proved, if *what* is missing."""
    if not found:
        assert not os.environ.get("PROVE_ALL"), f"{what} is missing"
        pytest.skip(f"needs {what}")
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the pages: of the shipped facts, of the small base, of two bases, and of hostile data."""
    folder = tmp_path_factory.mktemp("pages")
    hostile = made_hostile(Path(shutil.copytree(TINY, folder / "base")))
    bases = {"shipped": [SHIPPED], "tiny": [TINY], "two": [TINY, HISTORY], "hostile": [hostile]}
    for name, facts in bases.items():
        chosen = [part for directory in facts for part in ("--facts", directory)]
        assert run(*chosen, "export", "--format", "html", "-o", folder / f"{name}.html").status == 0
    return folder


class Browser:
    """Chromium, driven by what a person does: open, type, press, click, read."""

    def __init__(self, driver, folder):
        """Take a driver of Selenium, and the folder of the pages."""
        self.driver = driver
        self.folder = folder

    def open(self, name, place="", width=1400, *, dark=False):
        """Open a page from its file, anew."""
        self.driver.get("about:blank")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.get(f"file://{self.folder}/{name}.html{place}")
        return self

    def js(self, code, *arguments):
        """Return what *code* returns in the page."""
        return self.driver.execute_script(code, *arguments)

    def texts(self, selector):
        """Return the text of each element that shows."""
        return self.js(
            "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility()).map((e) => e.innerText)",
            selector,
        )

    def ids(self):
        """Return the ids of the claims that show."""
        return self.js("return [...document.querySelectorAll('#page-list .claim')].map((e) => e.id)")

    def one(self, selector):
        """Return an element."""
        return self.driver.find_element("css selector", selector)

    def wait(self, code):
        """Wait until *code* is true in the page."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 20).until(lambda driver: driver.execute_script(f"return {code}"))

    def search(self, text):
        """Type a query, and wait for its answer."""
        field = self.one("#page-query")
        self.js("arguments[0].value = ''", field)
        field.send_keys(text)
        self.wait(f"new URLSearchParams(location.hash.slice(2)).get('q') === {json.dumps(text)}")

    def choose(self, field, value):
        """Choose a filter."""
        from selenium.webdriver.support.ui import Select

        Select(self.one(f"[name={field}]")).select_by_value(value)

    def press(self, *keys):
        """Press keys, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def complaints(self):
        """Return what the browser complained of since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def browser(pages):
    """Return a browser without a window."""
    chromium = needed(shutil.which("chromium"), "chromium")
    driver = needed(shutil.which("chromedriver"), "chromium-driver")
    webdriver = (
        pytest.importorskip("selenium.webdriver")
        if not os.environ.get("PROVE_ALL")
        else __import__("selenium.webdriver", fromlist=["Chrome"])
    )
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield Browser(started, pages)
    started.quit()


# The search


AGREE = """
import fs from "node:fs";
const [page, ...rest] = process.argv.slice(2);
const text = fs.readFileSync(page, "utf8");
const data = JSON.parse(/id="page-data">(.*?)<\\/script>/s.exec(text)[1]);
const program = /<script>(.*?)<\\/script>/s.exec(text)[1];
const search = program.slice(program.indexOf("const WORD"), program.indexOf("// The page:"));
const {find, ready} = new Function('"use strict";' + search + "return openSearch;")()(data);
await ready;
const ids = [...data.claims.map((claim) => claim[0]), ...data.sources.filter((source) => !source.ref.endsWith("article")).map((source) => source.key)];
const queries = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(queries.map((query) => find(query).hits.map((number) => ids[number]))));
"""


def first_hits():
    """Return each query of words alone, with the first id that the command line finds, or an empty string."""
    return [
        (arguments[1], found.split(" ", 1)[0])
        for arguments, _, _, found in QUERIES
        if arguments[0] == "find"
        and arguments[2:] == ["--facts", "facts"]
        and not re.search(r'[":]|(^| )-', arguments[1])
    ]


def test_the_page_finds_first_what_the_command_line_finds_first(pages, tmp_path):
    """For nine of ten queries, in any script, with slips, as questions; and is as silent where nothing answers."""
    node = needed(shutil.which("node"), "nodejs")
    program = tmp_path / "agree.mjs"
    program.write_text(AGREE, "utf-8")
    wanted = first_hits()
    assert len(wanted) > 100
    done = subprocess.run(
        [node, program, pages / "shipped.html"],
        input=json.dumps([query for query, _ in wanted]),
        capture_output=True,
        check=True,
        text=True,
    )
    found = [ids[0] if ids else "" for ids in json.loads(done.stdout)]
    differ = [
        (query, first, here) for (query, first), here in zip(wanted, found, strict=True) if first != here
    ]
    assert len(differ) <= len(wanted) / 10, differ


SOME = (
    "Узбекистан ОДКБ",
    "mirzioyev intergration",
    "Sept 2021 Dushanbe",
    "CSTO",
    "who built the border wall",
    "Рахмон",
)


@pytest.mark.parametrize("query", SOME)
def test_search_as_you_type_shows_what_the_command_line_shows(browser, query):
    """The same first claim, with what was corrected."""
    browser.open("shipped")
    browser.search(query)
    ran = run("find", query, "--words", "--limit", "5", facts=SHIPPED)
    # Entries of the bibliography stand above the claims.
    assert browser.ids()[0] == next(
        line[:4] for line in ran.out.splitlines() if re.match("c[0-9]{3}\t", line)
    )
    if "showing results for" in ran.err:
        assert "showing results for" in browser.one("#page-status").text


@pytest.mark.parametrize(
    "query",
    [
        "Uzbekistan cotton harvest",
        "When was the Islamic Renaissance Party founded?",
        "How many languages does Zamir Kabulov speak?",
        "Who is the foreign minister of Turkmenistan?",
    ],
)
def test_silence_is_said(browser, query):
    """Where nothing answers, the page says so and shows what comes closest as such."""
    browser.open("shipped")
    browser.search(query)
    assert browser.one("#page-status").text.startswith("Nothing here answers this")
    assert browser.texts("#page-list h3") == ["What comes closest"]
    assert len(browser.ids()) == 3


def test_a_query_may_hold_phrases_exclusions_filters_and_ids(browser):
    """As on the command line."""
    for query in (
        '"worthy role"',
        "wall -advice",
        "country:tm kind:fact wall",
        "c042 C043",
        "date:2016..2018 Tajikistan",
    ):
        browser.open("shipped")
        browser.search(query)
        ran = run("find", query.replace(" C", " c"), "--words", "--limit", "100", facts=SHIPPED)
        found = [line.split("\t")[0] for line in ran.out.splitlines()]
        assert browser.ids() == [id_ for id_ in found if re.fullmatch("c[0-9]{3}", id_)][:100], query
        assert bool(browser.texts(".found")) == any("-" in id_ for id_ in found), query


# Filters, time, sources, links


@pytest.mark.parametrize(
    ("field", "value", "options"),
    [
        ("country", "TJ", ["--country", "TJ"]),
        ("country", "central-asia", ["--country", "central-asia"]),
        ("actor", "rahmon", ["--actor", "rahmon"]),
        ("source", "2", ["--source", "2"]),
        ("kind", "question", ["--kind", "question"]),
        ("basis", "inferred", ["--basis", "inferred"]),
    ],
)
def test_filters_pass_what_those_of_the_command_line_pass(browser, field, value, options):
    """And their address leads back to the same."""
    wanted = [line.split("\t")[0] for line in run("list", *options, facts=SHIPPED).out.splitlines()]
    browser.open("shipped")
    browser.choose(field, value)
    assert browser.one("#page-status").text == f"{len(wanted)} claim{'s' * (len(wanted) != 1)}"
    assert browser.ids() == wanted[:100]
    place = browser.js("return location.hash")
    assert browser.open("shipped", place).ids() == wanted[:100]
    browser.one("#page-reset").click()
    assert browser.one("#page-status").text.startswith(f"All {SHIPPED_CLAIMS} claims")


def test_time_filters_as_the_command_line_does(browser):
    """In words too; a date that is none is said, and the filters combine."""
    browser.open("shipped")
    for field, value in (("from", "August 2021"), ("to", "2021-08")):
        browser.one(f"[name={field}]").send_keys(value)
    browser.one("[name=undated]").click()
    browser.one("[name=undated]").click()
    wanted = [
        line.split("\t")[0]
        for line in run("list", "--from", "2021-08", "--to", "2021-08", facts=SHIPPED).out.splitlines()
    ]
    assert browser.ids() == wanted
    browser.one("[name=to]").clear()
    browser.one("[name=to]").send_keys("yesterday\ue004")
    assert browser.one("#page-wrong").text == "“yesterday” is not a date; write 2021, 2021-08 or August 2021"


def test_the_time_line_opens_its_claims(browser):
    """One line a period, in the order of time, with as many claims as the command line counts."""
    browser.open("shipped", "#time")
    periods = json.loads(run("timeline", "--json", facts=SHIPPED).out)
    buttons = browser.driver.find_elements("css selector", ".period")
    counts = [count.split()[0] for count in browser.texts(".many")]
    assert counts == [str(len(period["claims"])) for period in periods]
    buttons[3].click()
    assert browser.texts(".opened a") == periods[3]["claims"]
    browser.one(".opened a").click()
    browser.wait("document.activeElement.classList.contains('claim')")
    assert browser.js("return document.activeElement.id") == periods[3]["claims"][0]


def test_every_claim_has_an_address(browser):
    """Also one that is not among the first shown, and one that filters hide."""
    browser.open("shipped", "#c310")
    assert browser.js("return document.activeElement.id") == "c310"
    top = browser.js("return document.activeElement.getBoundingClientRect().top")
    bar = browser.js("return document.querySelector('.bar').getBoundingClientRect().bottom")
    assert bar <= top < 900
    browser.choose("kind", "quote")
    browser.js("location.hash = '#c001'")
    browser.wait("document.activeElement.id === 'c001'")
    assert browser.one("#page-status").text.startswith(f"All {SHIPPED_CLAIMS} claims")
    browser.open("two", "#" + browser.open("two").ids()[-1])
    assert "/" in browser.js("return document.activeElement.id")


def test_sources_lead_to_their_claims_and_back(browser):
    """Each entry with the claims that rest on it."""
    browser.open("shipped", "#source-2")
    assert browser.js("return document.activeElement.id") == "source-2"
    browser.one("#source-2 summary").click()
    browser.wait("document.querySelectorAll('#source-2 .brief a').length")
    wanted = [line.split("\t")[0] for line in run("source", "2", facts=SHIPPED).out.splitlines()]
    assert browser.texts("#source-2 .brief a") == wanted


@pytest.mark.parametrize("what", ["text", "citation", "link"])
def test_copying(browser, what):
    """Text, citation and link come to the clipboard as they are, and that is said."""
    browser.open("shipped", "#c072")
    origin = {"origin": "file://", "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": origin["permissions"]})
    browser.one(f"#c072 [aria-label='Copy {what} of c072']").click()
    browser.wait("document.getElementById('page-said').textContent")
    assert (
        browser.js("return document.getElementById('page-said').textContent") == f"Copied the {what} of c072"
    )
    copied = browser.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
    )
    ran = run("cite", "c072", facts=SHIPPED)
    assert copied == {
        "text": run("show", "c072", facts=SHIPPED, env={"FORCE_COLOR": ""}).out.split("\t")[3].strip(),
        "citation": ran.out.rstrip("\n"),
        "link": f"file://{browser.folder}/shipped.html#c072",
    }[what]  # fmt: skip


def test_everything_is_reached_by_keys(browser):
    """Tab reaches the search, the views, the filters and the claims; arrows walk from claim to claim."""
    from selenium.webdriver.common.keys import Keys

    browser.open("shipped")
    reached = []
    for _ in range(22):
        browser.press(Keys.TAB)
        reached.append(
            browser.js(
                "const e = document.activeElement; return e.id || e.name || e.dataset.view || e.textContent"
            )
        )
    assert reached[:6] == ["page-skip", "page-query", "claims", "time", "sources", "about"]
    assert {
        "country",
        "actor",
        "source",
        "kind",
        "basis",
        "from",
        "to",
        "undated",
        "page-reset",
        "c001",
    } <= set(reached)
    browser.one("#page-query").click()
    browser.press(Keys.DOWN, Keys.DOWN)
    assert browser.js("return document.activeElement.id") == browser.ids()[1]
    browser.press(Keys.UP, Keys.UP)
    assert browser.js("return document.activeElement.id") == "page-query"
    browser.press(Keys.DOWN, Keys.ESCAPE)
    assert browser.js("return document.activeElement.id") == "page-query"


# How it looks, and for whom


@pytest.fixture(scope="module")
def axe():
    """Return the program of axe-core, which .ci/run fetches."""
    path = needed(os.environ.get("AXE_CORE"), "axe-core: AXE_CORE names its axe.min.js")
    return Path(path).read_text("utf-8")


PLACES = ("", "#time", "#sources", "#about", "#?q=Узбекистан+ОДКБ", "#?q=cotton+harvest", "#c042")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["shipped", "two", "hostile"])
def test_nobody_is_shut_out(browser, axe, name, width, dark):
    """No violation in axe-core, best practices included, in any view."""
    for place in PLACES if name == "shipped" else PLACES[:4]:
        browser.open(name, place, width, dark=dark)
        browser.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        browser.js(axe)
        found = browser.driver.execute_async_script(
            "axe.run(document, {resultTypes: ['violations']}).then((r) => arguments[0](r.violations.map((v) => [v.id, v.nodes[0].html])))"
        )
        assert found == [], (name, place, width, dark)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["shipped", "two", "hostile"])
def test_nothing_is_wider_than_the_screen(browser, name, width):
    """Not even a word of thousands of letters."""
    for place in PLACES[:4]:
        browser.open(name, place, width)
        assert browser.js("return document.documentElement.scrollWidth") <= width, place


def test_a_print_holds_everything(browser):
    """All claims, the bibliography and what the page is; no buttons."""
    browser.open("shipped")
    browser.js("dispatchEvent(new Event('beforeprint'))")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert len(browser.texts(".says")) == SHIPPED_CLAIMS
    assert len(browser.texts("#page-bibliography > li")) == 12
    assert browser.texts("#page-about h2") == ["About this page"]
    assert not browser.texts("button, input, select, nav a")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    pdf = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")


# Hostile data


def test_hostile_data_never_runs(browser):
    """Whatever it holds, wherever it is shown: nothing runs, nothing is fetched, nothing is complained of."""
    browser.complaints()
    for place in (
        *PLACES[:4],
        "#h0",
        "#?q=script",
        "#%3Cimg%20src=x%20onerror=top.ran=1%3E",
        "#?q=%3Cimg+src%3Dx+onerror%3Dtop.ran%3D1%3E",
    ):
        browser.open("hostile", place)
        browser.js("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        for button in browser.driver.find_elements("css selector", ".period"):
            button.click()
        assert browser.js(
            "return window.ran === undefined && document.images.length === 0 && document.scripts.length === 2"
        )
    assert browser.complaints() == []
    assert HOSTILE[0] in browser.open("hostile").texts(".says")


def test_markup_that_got_in_all_the_same_would_not_run(browser):
    """The policy stops it, and what would make text into markup is forbidden."""
    browser.open("tiny")
    assert (
        browser.js(
            "try { document.body.innerHTML = '<img src=x onerror=window.ran=1>'; return 'made' } catch (e) { return e.name }"
        )
        == "TypeError"
    )
    browser.js(
        "const s = document.createElement('script'); s.append('window.ran = 1'); document.body.append(s)"
    )
    assert browser.js("return window.ran") is None
    assert any("Content Security Policy" in line or "Trusted" in line for line in browser.complaints())


def test_the_page_asks_no_network(browser):
    """Opened from its file, it loads nothing besides."""
    browser.open("shipped", "#sources")
    assert browser.js("return performance.getEntriesByType('resource').length") == 0
    assert browser.complaints() == []


def grown(folder, count):
    """Return the small base with *count* more claims, each of a sentence of its own."""
    base = Path(shutil.copytree(TINY, folder / "base"))
    blocks = range(10, 15)
    with (base / "article.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f'      - {{ block: "{n}", kind: body, sentences: "10000" }}\n' for n in blocks)
    line = json.loads(run("export", facts=TINY).out.splitlines()[0])
    lines = (
        {
            **line,
            "id": f"m{n}",
            "text": f"Ferry number {n} left for harbour {n % 97}.",
            "at": [f"{blocks[n // 10_000]}.{n % 10_000 + 1}"],
        }
        for n in range(count)
    )
    with (base / "claims" / "many.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return base


def test_the_largest_page_does_not_freeze(browser, tmp_path):
    """5,000 claims are shown a hundred at a time, and a query among them is answered."""
    base = grown(tmp_path, 4_994)
    assert run("export", "--format", "html", "-o", browser.folder / "many.html", facts=base).status == 0
    browser.open("many")
    assert browser.one("#page-status").text.startswith("All 5,000 claims")
    assert len(browser.ids()) == 100
    browser.one("#page-more").click()
    assert len(browser.ids()) == 200
    browser.search("ferry 4321")
    assert browser.ids()[0] == "m4321"


def test_fifty_thousand_claims_are_refused(tmp_path):
    """With what to do, and without a page."""
    base = grown(tmp_path, 50_000)
    ran = run("export", "--format", "html", "-o", tmp_path / "page.html", facts=base)
    assert (
        "50006 claims are too many for one page, which holds 5000; write a page for each section" in ran.err
    )
    assert (ran.status, (tmp_path / "page.html").exists()) == (2, False)
