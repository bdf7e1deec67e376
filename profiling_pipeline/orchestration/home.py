"""Where Dagster finds its instance configuration."""

import os
from pathlib import Path

from profiling_pipeline.settings import Settings

INSTANCE_FILE = Path(__file__).resolve().with_name("dagster.yaml")
WORKSPACE_FILE = INSTANCE_FILE.with_name("workspace.yaml")


def prepare_dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's instance and export it as DAGSTER_HOME.

    A DAGSTER_HOME that is set already is respected. Otherwise it is a folder under the home folder whose `dagster.yaml`
    is a link to the one beside this module, so that logs never land in the code.
    """
    if chosen := os.environ.get("DAGSTER_HOME"):
        return Path(chosen)
    folder = settings.home.absolute() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "dagster.yaml"
    if not (link.is_symlink() and link.resolve() == INSTANCE_FILE):
        link.unlink(missing_ok=True)
        link.symlink_to(INSTANCE_FILE)
    os.environ["DAGSTER_HOME"] = str(folder)
    return folder
