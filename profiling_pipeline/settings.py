"""The one reader of the environment: every setting, its default and what it means."""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from profiling_pipeline.errors import ConfigurationError


class Settings(BaseSettings):
    """Typed settings, each read from `PROFILING_<NAME>` unless it has a name of its own."""

    model_config = SettingsConfigDict(env_prefix="PROFILING_", frozen=True, extra="ignore", populate_by_name=True)

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
        default="1GB",
        description="Memory that DuckDB may use before it spills; `4GB` loads text files of 100 columns on all cores.",
        pattern=r"^\d+(MB|GB)$",
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

    llm_base_url: str | None = Field(
        default=None,
        description="OpenAI-compatible endpoint that proposes rules, such as `http://localhost:8080/v1`; unset means "
        "OpenAI's own.",
        pattern=r"^https?://",
    )
    llm_api_key: SecretStr | None = Field(
        default=None,
        description="Key of the endpoint. Without a key and an endpoint the offline suggester proposes rules.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="Key of OpenAI's own endpoint where none is set above; used only when a model is asked for by name "
        "(`--provider llm`).",
    )
    llm_model: str = Field(default="gpt-4.1-mini", description="Model that is asked.", min_length=1)
    llm_temperature: Decimal = Field(default=Decimal(0), description="Temperature of its answers.", ge=0, le=2)
    llm_timeout_seconds: float = Field(default=180, description="Longest wait for one answer.", gt=0)
    llm_parallel_requests: int = Field(default=4, description="Requests under way at once.", ge=1, le=64)
    llm_batch_tokens: int = Field(
        default=4000, description="Tokens that the attributes of one request may take, beside the instructions.", ge=200
    )
    llm_answer_tokens: int = Field(default=8000, description="Longest answer to one request, in tokens.", ge=100)
    llm_attempts: int = Field(default=4, description="Attempts at a request that fails for now.", ge=1, le=20)
    llm_retry_seconds: float = Field(
        default=2, description="Wait before the second attempt, doubled before each further one.", ge=0
    )
    llm_token_budget: int = Field(
        default=2_000_000, description="Tokens that one generation may use; it stops before it would use more.", ge=1
    )
    llm_input_price: Decimal | None = Field(
        default=None, description="Price of a million tokens of request, for the account of costs.", ge=0
    )
    llm_output_price: Decimal | None = Field(default=None, description="Price of a million tokens of answer.", ge=0)
    llm_cost_budget: Decimal | None = Field(
        default=None,
        description="Money that one generation may cost, in the currency of the prices; needs both prices.",
        ge=0,
    )
    llm_context_folder: Path | None = Field(
        default=None, description="Folder with regulatory contexts of your own reports (docs/generation-llm.md)."
    )

    @model_validator(mode="after")
    def _a_cost_budget_has_prices(self) -> Self:
        if self.llm_cost_budget is not None and (self.llm_input_price is None or self.llm_output_price is None):
            raise ValueError("PROFILING_LLM_COST_BUDGET needs PROFILING_LLM_INPUT_PRICE and PROFILING_LLM_OUTPUT_PRICE")
        return self

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
        problems = "; ".join(_problem(each["loc"], each["msg"]) for each in error.errors())
        raise ConfigurationError(
            f"Settings cannot be used: {problems}. Correct the environment and start again."
        ) from error


def _problem(place: tuple[int | str, ...], said: str) -> str:
    """Return what is wrong with a variable, or with several together."""
    return f"PROFILING_{str(place[0]).upper()}: {said}" if place else said.removeprefix("Value error, ")
