"""Rules proposed for a source and checked before anybody sees them: vetted, tried on the data, mended or dropped."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import ModelError
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.language_model.account import Prices
from profiling_pipeline.generation.language_model.asking import KeptAnswers, NoKeptAnswers
from profiling_pipeline.generation.language_model.contexts import choose_context
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.generation.language_model.generator import (
    ChangeRequest,
    Failure,
    ModelGenerator,
    Proposed,
    model_generator,
)
from profiling_pipeline.generation.language_model.prompts import PROMPT_VERSION
from profiling_pipeline.generation.rule_packs import RulePack, load_packs
from profiling_pipeline.generation.suggester import attributes_of, suggest_rules
from profiling_pipeline.generation.vetting import DroppedRule, vet_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute, ColumnMatches, OpenSource
from profiling_pipeline.sources.others import Opener

Progress = Callable[[int, int], None]

MOST_EXAMPLES = 5  # failing rows that are shown of each rule that was tried
# Parameters that people give a rule beside its check's own: a suggestion of the same check keeps them.
RESERVED_PARAMETERS = frozenset({"where", "min_pass_rate", "warn_pass_rate", "origin"})


@dataclass(frozen=True)
class Generation:
    """How rules were generated; tokens and cost are what this generation paid itself."""

    provider: Provider
    model: str | None = None
    endpoint: str | None = None
    prompt_version: str | None = None
    temperature: Decimal | None = None
    context: str | None = None
    output_form: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_are_estimated: bool = False
    cost: Decimal | None = None
    requests: int = 0
    answers_reused: int = 0
    tokens_reused: int = 0
    mended_rules: int = 0
    failures: tuple[Failure, ...] = ()
    offline_attributes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What proposed the rules, for people."""
        if self.model is None:
            return "the offline suggester"
        return f"{self.model} at {self.endpoint}, prompts {self.prompt_version}, temperature {self.temperature or 0:g}"

    @property
    def spent(self) -> str | None:
        """What asking has used, for people; None where nothing was asked."""
        if self.model is None:
            return None
        about = "about " if self.tokens_are_estimated else ""
        used = f"{about}{self.input_tokens:,} tokens of requests and {self.output_tokens:,} of answers"
        cost = f", cost {self.cost:.4f}" if self.cost is not None else ""
        reused = f"; {self.answers_reused:,} answers were there already" if self.answers_reused else ""
        return f"{used} in {self.requests:,} requests{cost}{reused}"


@dataclass(frozen=True)
class Proposals:
    """Rules that can run, in order, what each comes to on the data, what was dropped, and how it came about."""

    rules: list[Rule]
    outcomes: list[RuleOutcome]
    dropped: list[DroppedRule]
    generation: Generation


@dataclass(frozen=True)
class Subject:
    """What rules are proposed for: a source, its profile, its attributes and columns, and which values are masked."""

    profile: TableProfile
    attributes: Sequence[Attribute]
    matches: ColumnMatches
    source: OpenSource
    report: str = ""
    hidden_columns: frozenset[str] = frozenset()
    key_columns: Sequence[str] = ()
    others: Mapping[str, Opener] = field(default_factory=dict)


def propose_rules(
    profile: TableProfile,
    attributes: Sequence[Attribute],
    matches: ColumnMatches,
    source: OpenSource,
    settings: Settings,
    provider: Provider | None = None,
    *,
    report: str = "",
    hidden_columns: frozenset[str] = frozenset(),
    key_columns: Sequence[str] = (),
    others: Mapping[str, Opener] | None = None,
    existing: Sequence[Rule] = (),
    answers: KeptAnswers | None = None,
    progress: Progress | None = None,
) -> Proposals:
    """Propose rules for the attributes, each checked against the columns and tried on the data.

    What a model proposed and what cannot run goes back to it once. Attributes for which it gave nothing usable get the
    offline suggester's rules, and the generation's record says which and why.

    Args:
        profile: The source in numbers.
        attributes: The report's attributes.
        matches: Their columns.
        source: The opened data.
        settings: Where a model is asked, and what that may cost.
        provider: What proposes; None for a model where one is configured, else the offline suggester.
        report: Name of the report or its data source, by which the regulatory context is chosen.
        hidden_columns: Columns whose values are masked in samples.
        key_columns: Columns by which people know a row.
        others: Other sources that rules may look values up in.
        existing: Rules that stay in the version: nothing that they say already is proposed.
        answers: Where the model's answers are kept; None to keep none.
        progress: Told of requests done and their number.

    Raises:
        ModelUnavailableError: The model's endpoint answered nothing, and may answer later.
        ModelError: The model is asked for but not configured, or its endpoint refuses everything.
        SourceUnavailableError: The data can no longer be read.
        InvalidInputError: A rule pack cannot be read.
    """
    packs = load_packs(settings.rule_pack_folders)
    subject = Subject(profile, attributes, matches, source, report, hidden_columns, key_columns, others or {})
    if chosen_provider(settings, provider) is Provider.OFFLINE:
        trial = _Trial(subject, existing)
        trial.add(_suggested(subject, attributes, packs))
        return trial.proposals(Generation(Provider.OFFLINE))
    with _generator(subject, settings, answers) as generator:
        proposed = generator.propose(progress)
        trial = _Trial(subject, existing)
        mended = _tried_and_mended(trial, proposed, generator)
        covered = {rule.attribute_id for rule in trial.rules}
        without = [attribute for attribute in generator.attributes if attribute.attribute_id not in covered]
        trial.add(_suggested(subject, without, packs))
        suggested = {rule.attribute_id for rule in trial.rules} - covered
        generation = replace(
            _record(generator, proposed.failures),
            mended_rules=mended,
            offline_attributes=tuple(a.name for a in without if a.attribute_id in suggested),
        )
        return trial.proposals(generation)


def propose_for_file(
    source: OpenSource,
    profile: TableProfile,
    settings: Settings,
    provider: Provider | None = None,
    *,
    shares_values: bool = False,
    progress: Progress | None = None,
) -> Proposals:
    """Propose rules for a file that nobody planned; each column is an attribute.

    Nothing says how confidential its values are, so a language model is told none of them unless `shares_values`.

    Raises:
        ProfilingError: What `propose_rules` raises.
    """
    attributes = attributes_of(profile)
    if chosen_provider(settings, provider) is Provider.LLM and not shares_values:
        attributes = [replace(attribute, classification=None) for attribute in attributes]
    matches = match_columns(attributes, source.columns)
    return propose_rules(
        profile, attributes, matches, source, settings, provider, report=profile.source, progress=progress
    )


def propose_changes(
    subject: Subject,
    settings: Settings,
    requests: Sequence[ChangeRequest],
    provider: Provider | None = None,
    *,
    existing: Sequence[Rule] = (),
    answers: KeptAnswers | None = None,
) -> Proposals:
    """Propose rules in place of those for which changes were requested; each has the `rule_id` of the one it replaces.

    A rule for which the model gives nothing usable takes the parameters of an offline suggestion with the same check,
    where there is one that says something else.

    Raises:
        ModelUnavailableError: The model's endpoint answered nothing, and may answer later.
        ModelError: The model is asked for but not configured, or its endpoint refuses everything.
        SourceUnavailableError: The data can no longer be read.
    """
    trial = _Trial(subject, existing)
    generation = Generation(Provider.OFFLINE)
    if chosen_provider(settings, provider) is Provider.LLM:
        with _generator(subject, settings, answers) as generator:
            proposed = generator.propose_changes(requests)
            proposed.rules = _first_of_each(proposed.rules)
            mended = _tried_and_mended(trial, proposed, generator)
            trial.keep_first_of_each()
            generation = replace(_record(generator, proposed.failures), mended_rules=mended)
    replaced = {rule.rule_id for rule in trial.rules}
    left = [request.rule for request in requests if request.rule.rule_id not in replaced]
    suggestions = _suggested(subject, subject.attributes, load_packs(settings.rule_pack_folders)) if left else []
    offline = _suggested_instead(left, suggestions)
    trial.add(offline)
    if generation.provider is Provider.LLM:
        generation = replace(generation, offline_attributes=tuple(dict.fromkeys(rule.attribute for rule in offline)))
    return trial.proposals(generation)


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


@dataclass
class _Trial:
    """Rules that can run, with what they come to on the data, and the others with the reason."""

    subject: Subject
    existing: Sequence[Rule]
    rules: list[Rule] = field(default_factory=list)
    outcomes: list[RuleOutcome] = field(default_factory=list)
    dropped: list[DroppedRule] = field(default_factory=list)

    def add(self, proposed: Sequence[Rule]) -> list[DroppedRule]:
        """Vet rules against the columns and the rules so far, try them all at once, return those that are broken."""
        if not proposed:
            return []
        source, others = self.subject.source, self.subject.others
        vetted = vet_rules(proposed, source, others, existing=[*self.existing, *self.rules])
        broken = [each for each in vetted.dropped if each.is_broken]
        self.dropped += [each for each in vetted.dropped if not each.is_broken]
        for outcome in self.tried(vetted.kept):
            if outcome.status is ExecutionStatus.ERROR:
                broken.append(DroppedRule(outcome.rule, outcome.error or "It cannot run.", is_broken=True))
            else:
                self.rules.append(outcome.rule)
                self.outcomes.append(outcome)
        self.dropped += broken
        return broken

    def tried(self, rules: Sequence[Rule]) -> Sequence[RuleOutcome]:
        """Return what rules come to on the data, all in one pass where the data allow."""
        if not rules:
            return ()
        return execute_rules(
            rules,
            self.subject.source,
            hidden_columns=self.subject.hidden_columns,
            key_columns=self.subject.key_columns,
            sample_rows=MOST_EXAMPLES,
            others=self.subject.others,
        ).outcomes

    def keep_first_of_each(self) -> None:
        """Of several rules in place of the same one keep the first."""
        kept = _first_of_each(self.rules)
        pairs = [(r, o) for r, o in zip(self.rules, self.outcomes, strict=True) if any(r is one for one in kept)]
        self.rules, self.outcomes = [rule for rule, _ in pairs], [outcome for _, outcome in pairs]

    def proposals(self, generation: Generation) -> Proposals:
        """Return what is left, numbered in order of the attributes."""
        places = {attribute.attribute_id: place for place, attribute in enumerate(self.subject.attributes)}
        pairs = sorted(
            zip(self.rules, self.outcomes, strict=True), key=lambda pair: places.get(pair[0].attribute_id or 0, 0)
        )
        first = len(self.existing) + 1
        numbered = [replace(rule, execution_order=order) for order, (rule, _) in enumerate(pairs, start=first)]
        return Proposals(numbered, [outcome for _, outcome in pairs], self.dropped, generation)


def _tried_and_mended(trial: _Trial, proposed: Proposed, generator: ModelGenerator) -> int:
    """Try what was proposed, send what is broken back once, and return how many rules came back whole."""
    broken = trial.add(proposed.rules)
    trial.dropped += proposed.dropped
    if not broken:
        return 0
    repaired = generator.repair(broken)
    before = len(trial.rules)
    trial.add(repaired.rules)
    trial.dropped += repaired.dropped
    proposed.failures += repaired.failures
    return len(trial.rules) - before


def _suggested(subject: Subject, attributes: Sequence[Attribute], packs: Sequence[RulePack]) -> list[Rule]:
    """Return the offline suggester's rules for these attributes, made with all of them in sight."""
    wanted = {attribute.attribute_id for attribute in attributes}
    if not wanted:
        return []
    suggested = suggest_rules(subject.profile, subject.attributes, subject.matches, source=subject.source, packs=packs)
    return [rule for rule in suggested if rule.attribute_id in wanted]


def _suggested_instead(rules: Sequence[Rule], suggestions: Sequence[Rule]) -> list[Rule]:
    """Return, for each rule that has one, the first suggestion with the same check that says something else."""
    found = []
    for rule in rules:
        for suggestion in suggestions:
            is_like = (suggestion.attribute_id, suggestion.check) == (rule.attribute_id, rule.check)
            if is_like and _own(suggestion) != _own(rule):
                kept = {name: value for name, value in rule.parameters.items() if name in RESERVED_PARAMETERS}
                parameters = {**_own(suggestion), **kept}
                found.append(replace(suggestion, parameters=parameters, rule_id=rule.rule_id, name=rule.name))
                break
    return found


def _own(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in rule.parameters.items() if name not in RESERVED_PARAMETERS}


def _first_of_each(rules: Sequence[Rule]) -> list[Rule]:
    return list({rule.rule_id: rule for rule in reversed(rules)}.values())[::-1]


def _generator(
    subject: Subject, settings: Settings, answers: KeptAnswers | None
) -> AbstractContextManager[ModelGenerator]:
    context = choose_context(subject.report, subject.attributes, settings.llm_context_folder)
    return model_generator(
        endpoint_of(settings), context, subject.profile, subject.attributes, subject.matches, answers or NoKeptAnswers()
    )


def _record(generator: ModelGenerator, failures: Sequence[Failure]) -> Generation:
    asker, account = generator.asker, generator.asker.account
    return Generation(
        provider=Provider.LLM,
        model=asker.endpoint.model,
        endpoint=asker.endpoint.place,
        prompt_version=PROMPT_VERSION,
        temperature=asker.endpoint.temperature,
        context=generator.context.name,
        output_form=asker.output_form.value,
        input_tokens=account.paid.input_tokens,
        output_tokens=account.paid.output_tokens,
        tokens_are_estimated=account.paid.is_estimate,
        cost=account.cost,
        requests=account.requests,
        answers_reused=account.reused_answers,
        tokens_reused=account.reused.tokens,
        failures=tuple(failures),
    )
