"""Runs every contender on every case, each in a process of its own, and writes RESULTS.md.

    python -m benchmarks.run [CASE ...]     all cases, or the named ones, whose earlier figures are replaced

All contenders must count the same failing rows, or no comparison is worth anything. Rounds are taken in turns, so that
a busy machine is unfair to all alike; what takes too long or too much memory is ended, and the table says so.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.cases import CASES, DATA, Case
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.report import write_report

HERE = Path(__file__).parent
MEASURED = DATA / "measured.json"
PEERS = DATA / "peers"
MOST_MEMORY_SHARE = 0.8
TURNS, ROUNDS = 2, 2
SLOW_SECONDS = 60  # what takes longer the first time gets no second turn
BASELINE = "duckdb_by_hand"
SWEEP = ("own", "own_counts", BASELINE)


def main() -> None:
    names = sys.argv[1:] or list(CASES)
    if unknown := set(names) - set(CASES):
        raise SystemExit(f"There is no case {', '.join(sorted(unknown))}. There are: {', '.join(CASES)}.")
    _install_peers()
    measured = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    for name in names:
        CASES[name].ensure_file()
        measured[name] = dict(_measured(CASES[name]))
        MEASURED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        write_report(measured)
    print(f"Wrote {HERE / 'RESULTS.md'}.")


def _install_peers() -> None:
    """Install the peers once, beside the project's own environment: their demands differ."""
    if (PEERS / "installed").exists():
        return
    print("Installing the peers ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    pip = [PEERS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", HERE / "peers.txt"], check=True)
    (PEERS / "installed").touch()


def _measured(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each contender's figures, or why it has none."""
    found: dict[str, dict[str, Any]] = {}
    for turn in range(TURNS):
        for name, contender in _contenders(case):
            known = found.get(name)
            if turn and known and ("failed" in known or known["first"] > SLOW_SECONDS):
                continue
            print(f"{case.name}: {contender.title} ...", file=sys.stderr)
            found[name] = _merged(known, _run(name, contender, case))
    if "failed" in found[BASELINE]:
        raise SystemExit(f"On {case.name}, {BASELINE} gave no counts to compare with: {found[BASELINE]['failed']}.")
    expected = found[BASELINE].pop("counts")
    for name, figures in found.items():
        counts = figures.pop("counts", expected)
        if counts != expected:
            raise SystemExit(
                f"On {case.name}, {name} counts other failing rows than {BASELINE}: {_differing(counts, expected)}"
            )
        yield name, figures


def _contenders(case: Case) -> Sequence[tuple[str, Contender]]:
    is_sweep = case.name.startswith("rules-")
    return [(name, each) for name, each in CONTENDERS.items() if not is_sweep or name in SWEEP]


def _run(name: str, contender: Contender, case: Case) -> dict[str, Any]:
    """Return what one process measured, or in one word why it was ended."""
    python = PEERS / "bin" / "python" if contender.is_peer else Path(sys.executable)
    command = [str(python), "-W", "ignore", "-m", "benchmarks.measure", name, case.name, str(ROUNDS)]
    with subprocess.Popen(
        command, cwd=HERE.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watched = psutil.Process(process.pid)
        limit = MOST_MEMORY_SHARE * psutil.virtual_memory().total
        for _ in range(case.longest_seconds):
            try:
                output, errors = process.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired:
                if watched.memory_info().rss > limit:
                    process.kill()
                    return {"failed": "out of memory"}
        else:
            process.kill()
            return {"failed": f"over {case.longest_seconds // 60} minutes"}
    if process.returncode:
        print(errors[-2000:], file=sys.stderr)
        return {"failed": "out of memory" if process.returncode == -9 else "cannot do it"}
    answer: dict[str, Any] = json.loads(output.splitlines()[-1])
    return answer


def _merged(known: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """Return the better of two turns, and the most memory that either took."""
    if known is None or "failed" in new:
        return new
    return new | {
        "first": min(known["first"], new["first"]),
        "first_cpu": min(known["first_cpu"], new["first_cpu"]),
        "again": known["again"] + new["again"],
        "again_cpu": known["again_cpu"] + new["again_cpu"],
        "peak_bytes": max(known["peak_bytes"], new["peak_bytes"]),
    }


def _differing(counts: dict[str, int], expected: dict[str, int]) -> dict[str, tuple[int | None, int | None]]:
    names = counts.keys() | expected.keys()
    return {n: (counts.get(n), expected.get(n)) for n in names if counts.get(n) != expected.get(n)}


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(HERE.parent)
    main()
