"""Where Dagster finds its instance configuration."""

import os
from pathlib import Path
from uuid import uuid4

from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.settings import Settings

INSTANCE_FILE = Path(__file__).with_name("dagster.yaml").resolve()
WORKSPACE_FILE = INSTANCE_FILE.with_name("workspace.yaml")


def prepare_dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's instance and export it as DAGSTER_HOME.

    A DAGSTER_HOME that is set already is respected. Otherwise it is a folder under the home folder whose `dagster.yaml`
    is a link to the one beside this module, so that logs never land in the code.

    Raises:
        ConfigurationError: The DAGSTER_HOME that is set has no `dagster.yaml`, so that runs would be kept in files.
    """
    if chosen := os.environ.get("DAGSTER_HOME"):
        if not Path(chosen, INSTANCE_FILE.name).is_file():
            raise ConfigurationError(
                f"DAGSTER_HOME, {chosen}, has no dagster.yaml. Copy {INSTANCE_FILE} there, or unset it."
            )
        return Path(chosen)
    folder = settings.home.absolute() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "dagster.yaml"
    if not (link.is_symlink() and link.resolve() == INSTANCE_FILE):
        fresh = folder / f".{uuid4().hex}"
        fresh.symlink_to(INSTANCE_FILE)
        fresh.replace(link)  # in one step, since others may be at it
    os.environ["DAGSTER_HOME"] = str(folder)
    return folder
