"""How commands say what proposes rules."""

from typing import Annotated

import typer

from profiling_pipeline.services.provider import Provider

ProviderOption = Annotated[
    Provider | None,
    typer.Option("--provider", help="What proposes rules; by default a language model where one is configured."),
]
