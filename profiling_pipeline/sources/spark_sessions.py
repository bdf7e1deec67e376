"""Spark sessions: started when the first source needs one, shared by all, stopped when the last is closed."""

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from socket import create_connection, socket
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.answers import first_line

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_REMOTE = "sc://"
_PORTS = {"sc": 15002, "spark": 7077}
_CONNECT_SECONDS = 10
_SHUFFLE_PARTITIONS = "4"  # on one machine; Spark's own 200 would be 200 tiny tasks for each group-by
_LOGGING = Path(__file__).with_name("spark_log4j2.properties")
_SETTINGS = {
    # An overflow or a failing cast is an error and never a silent null or a wrong number, as on PostgreSQL.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # `SELECT ... FROM csv.`/any/file`` would read any file that Spark can reach.
    "spark.sql.runSQLOnFiles": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class _Sessions:
    """The one session that a process can have, and how many sources use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._session: SparkSession | None = None
        self._place = ""
        self._holders = 0

    def hold(self, place: str, memory_limit: str, spill_folder: Path) -> "tuple[SparkSession, Callable[[], None]]":
        with self._lock:
            if self._session is None:
                self._session, self._place = _start(place, memory_limit, spill_folder), place
            elif self._place != place:
                raise SourceUnavailableError(
                    f"This process already uses Spark at {self._place} and can have no second session at {place}. "
                    "Try again when the other source is closed."
                )
            self._holders += 1
            return self._session, self._released()

    def _released(self) -> Callable[[], None]:
        is_held = True

        def release() -> None:
            nonlocal is_held
            with self._lock:
                if not is_held:
                    return
                is_held = False
                self._holders -= 1
                if self._holders == 0 and self._session is not None:
                    self._session.stop()
                    self._session = None

        return release


_SESSIONS = _Sessions()


def hold_session(place: str, memory_limit: str, spill_folder: Path) -> "tuple[SparkSession, Callable[[], None]]":
    """Return the process's Spark session, started where there is none, and what lets go of it.

    Args:
        place: A master (`local[*]`, `spark://host:7077`, `yarn`...) or a Spark Connect server (`sc://host:15002`).
        memory_limit: Memory of the local Java process, such as "1GB".
        spill_folder: Where Spark spills to on this machine.

    Raises:
        SourceError: Spark or Java is not installed.
        SourceUnavailableError: The cluster does not answer, or the process has a session elsewhere.
    """
    require_spark(place)
    return _SESSIONS.hold(place, memory_limit, spill_folder)


def require_spark(place: str) -> None:
    """Refuse to start what is not installed.

    Raises:
        SourceError: The message says what to install.
    """
    if find_spec("pyspark") is None:
        raise SourceError("Spark is not installed. Install it: pip install 'profiling-pipeline[spark]'.")
    if not place.startswith(_REMOTE) and not has_java():
        raise SourceError(
            "Spark needs a Java runtime (17 or newer), and there is none. Install one (Debian, Ubuntu: apt-get install "
            "default-jre-headless) or set JAVA_HOME; a Spark Connect server (sc://host:15002) needs none here."
        )


def has_java() -> bool:
    """Return whether there is a Java runtime where Spark looks for it."""
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None


def _start(place: str, memory_limit: str, spill_folder: Path) -> "SparkSession":
    from pyspark.errors import PySparkException

    for logger in ("py4j", "SQLQueryContextLogger"):  # they would show a stack of Java for each error
        logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
    try:
        _require_answer(place)
        session = _connected(place) if place.startswith(_REMOTE) else _launched(place, memory_limit, spill_folder)
        session.sql("SELECT 1").collect()
    except (PySparkException, OSError, RuntimeError, ValueError) as error:
        raise _unavailable(place, error) from error
    except Exception as error:
        if type(error).__module__.startswith(("py4j", "grpc")):
            raise _unavailable(place, error) from error
        raise
    return session


def _require_answer(place: str) -> None:
    """Make sure that a server answers: Spark itself would try for minutes. Of several masters one is enough."""
    scheme, _, rest = place.partition("://")
    if scheme not in _PORTS:
        return
    *standby, last = [urlsplit(f"//{address}") for address in rest.partition("/")[0].split(",")]
    for address in standby:
        with suppress(OSError), _connection(address, _PORTS[scheme]):
            return
    with _connection(last, _PORTS[scheme]):
        pass


def _connection(address: SplitResult, port: int) -> socket:
    return create_connection((address.hostname or "", address.port or port), timeout=_CONNECT_SECONDS)


def _connected(place: str) -> "SparkSession":
    """Return a session of a Spark Connect server."""
    from pyspark.sql import SparkSession

    session: SparkSession = SparkSession.builder.remote(place).getOrCreate()
    for name, value in _SETTINGS.items():
        session.conf.set(name, value)
    return session


def _launched(place: str, memory_limit: str, spill_folder: Path) -> "SparkSession":
    """Return a session whose driver runs in a Java process of this one, which writes its log to the spill folder."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    folder = spill_folder.absolute() / "spark"
    folder.mkdir(parents=True, exist_ok=True)
    settings = _SETTINGS | {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.memory": memory_limit.removesuffix("B").lower(),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()} -Duser.timezone=UTC",
    }
    if place.startswith("local"):
        settings |= {
            "spark.sql.shuffle.partitions": _SHUFFLE_PARTITIONS,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    conf = SparkConf().setMaster(place).setAppName("profiling-pipeline").setAll(list(settings.items()))
    if SparkContext._gateway is None:
        log = folder / "spark.log"
        with log.open("ab") as stderr:
            gateway = launch_gateway(conf, {"stderr": stderr})  # type: ignore[no-untyped-call]  # it has no types
            SparkContext._ensure_initialized(gateway=gateway, conf=conf)
    context = SparkContext.getOrCreate(conf)
    context.setLogLevel("ERROR")
    session: SparkSession = SparkSession.builder.config(conf=conf).getOrCreate()
    return session


def _unavailable(place: str, error: Exception) -> SourceUnavailableError:
    if isinstance(error, OSError):
        return SourceUnavailableError(
            f"Spark at {place} does not answer: {error.strerror or error}. Check its address, then try again."
        )
    return SourceUnavailableError(
        f"Spark at {place} does not start: {first_line(error)}. Check its address, then try again."
    )
