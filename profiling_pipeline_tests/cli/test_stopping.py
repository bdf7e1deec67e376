"""Ctrl-C: a word and the exit status that shells know, no traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

_PROFILING = "from profiling_pipeline.cli.app import main; main()"


def test_ctrl_c_is_answered_with_a_word(tmp_path: Path) -> None:
    pipe = tmp_path / "rules.yaml"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", _PROFILING, "convert", str(pipe)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with started as process, pipe.open("w"):  # which waits until the command reads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "Stopped.\n")
