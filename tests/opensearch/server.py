"""A real OpenSearch of three nodes, fetched by Maven, for the proofs and the benchmark.

    python tests/opensearch/server.py DIR

starts it with its data in DIR, says where, and stops it when standard input ends.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
OLDEST = 21
PORT = int(os.environ.get("OPENSEARCH_PORT", "9200"))
"""The nodes answer on the three ports after this one, which must be free; 9280 is the last that they take."""
KNN = "org.opensearch.knn.plugin.KNNPlugin"


def java():
    """Return the home of the newest Java, or None below OLDEST."""
    homes = [Path(home) for home in (os.environ.get("JAVA_HOME", ""),) if home]
    if found := shutil.which("java"):
        homes.append(Path(found).resolve().parents[1])
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    versions = {home: _version(home) for home in homes if (home / "bin/java").is_file()}
    newest = max(versions, key=versions.__getitem__, default=None)
    return newest if newest and versions[newest] >= OLDEST else None


def _version(home):
    said = subprocess.run([home / "bin/java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def missing():
    """Return which program is missing, or an empty string."""
    if java() is None:
        return f"Java {OLDEST} or newer"
    return "" if shutil.which("mvn") else "Maven"


class Server:
    """The process with the nodes."""

    def __init__(self, folder, port=PORT, nodes=3, *, knn=False):
        """Start it and wait until all nodes are there; *folder* holds its data; *knn* loads the plugin for vectors."""
        home = java()
        self.nodes = [f"localhost:{port + n + 1}" for n in range(nodes)]
        self.folder = Path(folder)
        self.knn = knn
        self._log = (self.folder / "server.log").open("w")
        self.process = subprocess.Popen(
            [
                home / "bin/java", "-Xms1g", "-Xmx1g", "--enable-native-access=ALL-UNNAMED", "-cp", self._class_path(home),
                HERE / "Cluster.java", self.folder / "data", str(port), str(nodes), *([KNN] if knn else []),
            ],
            stdin=subprocess.PIPE, stdout=self._log, stderr=self._log, text=True, cwd=self.folder,
        )  # fmt: skip
        self.wait(nodes)

    def _class_path(self, home):
        place = self.folder / "class-path"
        command = [
            "mvn",
            "-q",
            "-B",
            "-f",
            HERE / "pom.xml",
            "dependency:build-classpath",
            f"-Dmdep.outputFile={place}",
            *(["-Pknn"] if self.knn else []),
        ]
        # What Maven has fetched before needs no network.
        for offline in (["-o"], []):
            done = subprocess.run(
                [*command, *offline], env=os.environ | {"JAVA_HOME": str(home)}, stdout=sys.stderr if not offline else subprocess.DEVNULL,
                check=not offline,
            )  # fmt: skip
            if not done.returncode:
                break
        found = place.read_text()
        if not self.knn:
            return found
        plugin = next(path for path in found.split(os.pathsep) if path.endswith(".zip"))
        with zipfile.ZipFile(plugin) as file:
            file.extractall(self.folder / "plugin")
        return f"{found}{os.pathsep}{self.folder / 'plugin'}{os.sep}*"

    def address(self, base, *nodes):
        """Return the address of a base: at all nodes, or at those numbered from 0."""
        return f"opensearch://{','.join(self.nodes[n] for n in nodes or range(len(self.nodes)))}/{base}"

    def ask(self, method, path, body=None, node=None):
        """Return the answer of a node, or of the first that answers."""
        data = json.dumps(body).encode() if body is not None else None
        for place in self.nodes if node is None else [self.nodes[node]]:
            request = urllib.request.Request(  # our own server
                f"http://{place}{path}", data, {"Content-Type": "application/json"}, method=method
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                raise AssertionError(error.read().decode()) from None
            except OSError:
                continue
        raise AssertionError("no node answers")

    def wait(self, nodes, status="green"):
        """Ask until there are so many nodes and the cluster has this status."""
        until = time.monotonic() + 120
        health = {}
        while time.monotonic() < until and self.process.poll() is None:
            try:
                health = self.ask("GET", "/_cluster/health")
            except AssertionError:
                health = {}
            if health.get("number_of_nodes") == nodes and health["status"] == status:
                return
            time.sleep(0.2)
        log = (self.folder / "server.log").read_text()[-2000:]
        raise AssertionError(f"the cluster is not {status} with {nodes} nodes: {health}\n{log}")

    def tell(self, what, node):
        """Stop or start a node, numbered from 0; `wait` shows when that is done."""
        self.process.stdin.write(f"{what} {node}\n")
        self.process.stdin.flush()

    def stop(self):
        """End the process."""
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()


def main():
    """Run until standard input ends."""
    if program := missing():
        sys.exit(f"this needs {program}")
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(folder)
    print(server.process.pid, server.address("NAME"), flush=True)  # noqa: T201  # a program
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
