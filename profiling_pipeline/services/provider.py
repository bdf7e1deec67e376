"""What proposes rules, and where a language model is asked."""

from decimal import Decimal
from enum import StrEnum

from profiling_pipeline.errors import ModelError
from profiling_pipeline.generation.language_model.account import Prices
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.settings import Settings


class Provider(StrEnum):
    """The offline suggester, or a language model."""

    OFFLINE = "offline"
    LLM = "llm"


def chosen_provider(settings: Settings, provider: Provider | None) -> Provider:
    """Return what proposes rules: what was asked for, else a model where a key or an endpoint is set for one.

    A key that is there for other programs (OPENAI_API_KEY) sends nothing anywhere unless the model is asked for.
    """
    if provider is not None:
        return provider
    has_key = settings.llm_api_key is not None and settings.llm_api_key.get_secret_value()
    return Provider.LLM if has_key or settings.llm_base_url else Provider.OFFLINE


def endpoint_of(settings: Settings) -> Endpoint:
    """Return where a model is asked. The key for OpenAI's own endpoint never goes to another one.

    Raises:
        ModelError: Neither a key nor an endpoint is set.
    """
    keys = [settings.llm_api_key] if settings.llm_base_url else [settings.llm_api_key, settings.openai_api_key]
    key = next((found for secret in keys if secret and (found := secret.get_secret_value().strip())), "")
    if not key and not settings.llm_base_url:
        raise ModelError(
            "No language model is configured. Set PROFILING_LLM_API_KEY, or PROFILING_LLM_BASE_URL for an endpoint of "
            "your own, or draft with --provider offline."
        )
    has_prices = settings.llm_input_price is not None and settings.llm_output_price is not None
    return Endpoint(
        model=settings.llm_model,
        api_key=key,
        base_url=settings.llm_base_url,
        temperature=settings.llm_temperature,
        timeout_seconds=settings.llm_timeout_seconds,
        parallel_requests=settings.llm_parallel_requests,
        batch_tokens=settings.llm_batch_tokens,
        answer_tokens=settings.llm_answer_tokens,
        attempts=settings.llm_attempts,
        retry_seconds=settings.llm_retry_seconds,
        token_budget=settings.llm_token_budget,
        cost_budget=settings.llm_cost_budget,
        prices=Prices(settings.llm_input_price or Decimal(0), settings.llm_output_price or Decimal(0))
        if has_prices
        else None,
    )
