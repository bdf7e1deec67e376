"""What is wrong with a data file, in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from profiling_pipeline.errors import SourceError
from profiling_pipeline.plurals import counted
from profiling_pipeline.sources.text_files import LONGEST_LINE


@contextmanager
def faults_of(file: Path) -> Iterator[None]:
    """Raise what engines say of a file as what its owner can act on.

    Raises:
        SourceError: Instead of an engine's own error.
    """
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise SourceError(_explained(error, file)) from error


def _explained(error: Exception, file: Path) -> str:
    """Say what is wrong with a file in words that its owner can act on, without the values that engines quote."""
    text = str(error).replace(str(file), file.name)
    line = re.search(r"Line: (\d+)", text)
    where = f" (line {line[1]})" if line else ""
    if "unicode" in text.casefold() or "utf-8" in text.casefold():
        return f"{file.name} is not in UTF-8{where}. Save it as UTF-8."
    columns = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if columns:
        return f"{file.name} has {counted(int(columns[2]), 'value')} instead of {columns[1]}{where}. Correct that line."
    if "unterminated quote" in text:
        return f"{file.name} has a quote that is not closed, or text after one{where}. Correct that line."
    if "state machine" in text:
        return f"{file.name} has line ends or quotes of several kinds. Save it again with one kind of line end."
    if "Maximum line size" in text:
        return f"{file.name} has a line of more than {LONGEST_LINE >> 20} MB{where}. Close its quote."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or file.name} cannot be read or written: {error.strerror}. Check its permissions."
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"{file.name} does not fit into PROFILING_MEMORY_LIMIT or the spill folder. Give it more room."
    first = next((part.strip().rstrip(".") for part in text.splitlines() if part.strip()), type(error).__name__)
    reason = re.sub(r"^(\w+ )+Error: ", "", first)
    return f"{file.name} cannot be read{where}: {reason}. Check that it is what its ending says."
