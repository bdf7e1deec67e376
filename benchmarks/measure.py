"""One contender on one case, in a process of its own: prints a JSON object with seconds, peak memory and counts.

`first` is the time from the file to the counts, libraries already imported; `again` that of each further round.
"""

import gc
import json
import re
import resource
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.cases import CASES


def main() -> None:
    module, case, rounds = import_module(f"benchmarks.contenders.{sys.argv[1]}"), CASES[sys.argv[2]], int(sys.argv[3])
    gc.collect()  # what imports leave behind is theirs
    started, cpu_started = perf_counter(), process_time()
    check = module.prepare(case)
    counts = check()
    first, first_cpu = perf_counter() - started, process_time() - cpu_started
    again, again_cpu = [], []
    for _ in range(rounds):
        started, cpu_started = perf_counter(), process_time()
        counts = check()
        again.append(perf_counter() - started)
        again_cpu.append(process_time() - cpu_started)
    figures = {"first": first, "first_cpu": first_cpu, "again": again, "again_cpu": again_cpu, "peak_bytes": _peak()}
    print(json.dumps(figures | {"counts": counts}))


def _peak() -> int:
    """Return the most memory that this program has held; on Linux `ru_maxrss` counts its parent's, too."""
    status = Path("/proc/self/status")
    if status.exists():
        [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(kilobytes) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
