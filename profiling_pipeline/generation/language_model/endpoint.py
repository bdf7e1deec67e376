"""Where a language model is asked, how, and what that may cost."""

from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from profiling_pipeline.generation.language_model.account import Prices

OPENAI = "api.openai.com"
_BYTES_OF_A_TOKEN = 2.5  # fewer than any tokenizer needs for JSON and prose, so that estimates are rather too high


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible endpoint and how it is used; `base_url` None means OpenAI's own.

    `batch_tokens` are what the attributes of one request may take, `answer_tokens` the longest answer. Budgets are for
    one generation: tokens of requests and answers together, and money where there are prices.
    """

    model: str
    api_key: str = field(repr=False)
    base_url: str | None = None
    temperature: Decimal = Decimal(0)
    timeout_seconds: float = 180
    parallel_requests: int = 4
    batch_tokens: int = 4_000
    answer_tokens: int = 8_000
    attempts: int = 4
    retry_seconds: float = 2
    token_budget: int = 2_000_000
    cost_budget: Decimal | None = None
    prices: Prices | None = None

    @property
    def place(self) -> str:
        """Host and port, for people; never user, password or key."""
        if self.base_url is None:
            return OPENAI
        parts = urlsplit(self.base_url)
        return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"

    @property
    def provider(self) -> str:
        """What a rule says of who proposed it."""
        return f"llm {self.model}"[:50]


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few; nothing is downloaded to count them."""
    return int(len(text.encode(errors="replace")) / _BYTES_OF_A_TOKEN) + 1
