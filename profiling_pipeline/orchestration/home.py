"""Where Dagster finds its instance configuration."""

import os
from pathlib import Path

from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
INSTANCE_FILE = CHECKOUT / "dagster.yaml"
WORKSPACE_FILE = CHECKOUT / "workspace.yaml"


def prepare_dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's instance and export it as DAGSTER_HOME.

    A DAGSTER_HOME that is set already is respected. Otherwise it is a folder under the home folder whose `dagster.yaml`
    is a link to the checkout's, so that logs never land in the checkout itself.

    Raises:
        ConfigurationError: The checkout's `dagster.yaml` is missing.
    """
    if chosen := os.environ.get("DAGSTER_HOME"):
        return Path(chosen)
    if not INSTANCE_FILE.is_file():
        raise ConfigurationError(f"{INSTANCE_FILE} is missing. Run from a full checkout, or set DAGSTER_HOME.")
    folder = settings.home.absolute() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "dagster.yaml"
    if not (link.is_symlink() and link.resolve() == INSTANCE_FILE):
        link.unlink(missing_ok=True)
        link.symlink_to(INSTANCE_FILE)
    os.environ["DAGSTER_HOME"] = str(folder)
    return folder
