"""The one reader of the environment: every setting, its default and what it means."""

from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from profiling_pipeline.errors import ConfigurationError


class Settings(BaseSettings):
    """Typed settings, each read from `PROFILING_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="PROFILING_", frozen=True, extra="ignore")

    home: Path = Field(
        default=Path(".profiling"), description="Folder for the embedded database, uploads, spill and logs."
    )
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL URL of the tables; unset means the embedded server under the home folder."
    )
    dagster_database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL URL of Dagster's own storage; unset means database `dagster` on the same server.",
    )
    database_schema: str = Field(
        default="public", description="Schema that holds the tables.", pattern=r"^[a-z_][a-z0-9_]*$"
    )
    upload_folders: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders that data files may be read from, separated by `:`; unset means `<home>/uploads`.",
    )
    rule_packs: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders of rule packs of your own, separated by `:`; unset means `<home>/rule-packs`.",
    )
    memory_limit: str = Field(
        default="1GB", description="Memory that DuckDB may use before it spills.", pattern=r"^\d+(MB|GB)$"
    )
    reexecution_cron: str = Field(default="0 6 * * *", description="When approved versions are executed again (UTC).")
    retention_cron: str = Field(
        default="30 2 * * 0", description="When old executions and access records are deleted (UTC)."
    )
    retention_days: int = Field(
        default=2557, description="Age at which executions and access records are deleted.", ge=1
    )
    dagster_url: str = Field(default="http://127.0.0.1:3000", description="Where people reach the Dagster UI.")
    review_url: str = Field(default="http://127.0.0.1:8000", description="Where people reach the review app.")
    session_secret: SecretStr | None = Field(
        default=None, description="Key that signs review-app sessions; unset means one kept in the home folder."
    )

    @field_validator("upload_folders", "rule_packs", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        return tuple(part for part in value.split(":") if part) if isinstance(value, str) else value

    @property
    def allowed_folders(self) -> tuple[Path, ...]:
        """Absolute folders that data files may be read from."""
        return tuple(folder.absolute() for folder in self.upload_folders or (self.home / "uploads",))

    @property
    def rule_pack_folders(self) -> tuple[Path, ...]:
        """Absolute folders of rule packs; the one under the home folder need not exist."""
        own = self.home / "rule-packs"
        return tuple(folder.absolute() for folder in self.rule_packs or ((own,) if own.is_dir() else ()))

    @property
    def legacy_folder(self) -> Path:
        """Folder for the backups and reports of a legacy migration."""
        return self.home.absolute() / "legacy"

    @property
    def spill_folder(self) -> Path:
        """Folder for temporary data; reading a file outside any project leaves nothing behind in the current folder."""
        return self.home.absolute() / "spill" if self.home.is_dir() else Path(gettempdir()) / "profiling-spill"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Read the settings once a process.

    Raises:
        ConfigurationError: A variable's value cannot be used; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(f"PROFILING_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(
            f"Settings cannot be used: {problems}. Correct the environment and start again."
        ) from error
