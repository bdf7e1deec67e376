"""What the README promises holds."""

import re
from pathlib import Path

from profiling_pipeline.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, ()) else f"`{field.default}`"
        variable = field.validation_alias or f"PROFILING_{name.upper()}"
        rows.append(f"| `{variable}` | {default} | {field.description} |")
    return "\n".join(rows)


def test_settings_table_is_current() -> None:
    assert settings_table() in README, f"Put this table into README.md:\n{settings_table()}"


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z]+)`", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
