"""What asking a model has used, and the budget that stops before it is exceeded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock

from profiling_pipeline.errors import ProfilingError

_MILLION = 1_000_000


class BudgetError(ProfilingError):
    """One more request could use more than the budget allows."""


@dataclass(frozen=True)
class Prices:
    """Money for a million tokens of requests and of answers."""

    input: Decimal
    output: Decimal

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return what so many tokens cost, exactly."""
        return (self.input * input_tokens + self.output * output_tokens) / _MILLION


@dataclass(frozen=True)
class Usage:
    """Tokens of requests and answers; `is_estimate` where the endpoint did not say."""

    input_tokens: int = 0
    output_tokens: int = 0
    is_estimate: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.is_estimate or other.is_estimate,
        )

    @property
    def tokens(self) -> int:
        """Tokens of both kinds."""
        return self.input_tokens + self.output_tokens


class Account:
    """Adds up what a generation uses, for several threads at once.

    `paid` is what this generation paid, in all attempts of its run; `reused` what others had paid for answers that
    were kept.
    """

    def __init__(self, token_budget: int, cost_budget: Decimal | None, prices: Prices | None) -> None:
        self._token_budget, self._cost_budget, self._prices = token_budget, cost_budget, prices
        self._lock = Lock()
        self._reserved = Usage()
        self.paid = Usage()
        self.reused = Usage()
        self.requests = 0
        self.reused_answers = 0

    @property
    def cost(self) -> Decimal | None:
        """What was paid in money, None without prices."""
        return self.cost_of(self.paid)

    def cost_of(self, usage: Usage) -> Decimal | None:
        """Return what this would cost, None without prices."""
        return self._prices.cost(usage.input_tokens, usage.output_tokens) if self._prices else None

    @contextmanager
    def reserved(self, most: Usage) -> Iterator[None]:
        """Hold back what one request uses at most.

        Raises:
            BudgetError: That could be more than the budget has left, with what is held back for others.
        """
        with self._lock:
            possible = self.paid + self._reserved + most
            self._require(possible)
            self._reserved = self._reserved + most
        try:
            yield
        finally:
            with self._lock:
                self._reserved = self._reserved + Usage(-most.input_tokens, -most.output_tokens)

    def pay(self, usage: Usage) -> None:
        """Add a request that was answered."""
        with self._lock:
            self.requests += 1
            self.paid = self.paid + usage

    def reuse(self, usage: Usage, *, by_this_run: bool) -> None:
        """Add an answer that was kept; if an earlier attempt of this run paid for it, then it counts as paid."""
        with self._lock:
            self.reused_answers += 1
            if by_this_run:
                self.paid = self.paid + usage
            else:
                self.reused = self.reused + usage

    def _require(self, possible: Usage) -> None:
        if possible.tokens > self._token_budget:
            raise BudgetError(
                f"One more request could need {possible.tokens:,} tokens in all, and the budget is "
                f"{self._token_budget:,}. Raise PROFILING_LLM_TOKEN_BUDGET and generate again: answers are kept."
            )
        cost = self.cost_of(possible)
        if cost is not None and self._cost_budget is not None and cost > self._cost_budget:
            raise BudgetError(
                f"One more request could bring the cost to {cost:.4f}, and the budget is {self._cost_budget}. "
                "Raise PROFILING_LLM_COST_BUDGET and generate again: answers are kept."
            )
