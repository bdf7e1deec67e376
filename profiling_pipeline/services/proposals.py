"""Rules proposed for a source and checked before anybody sees them: vetted, tried on the data, mended or dropped."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from profiling_pipeline.generation.language_model.asking import KeptAnswers, NoKeptAnswers
from profiling_pipeline.generation.language_model.contexts import choose_context
from profiling_pipeline.generation.language_model.generator import ChangeRequest, ModelGenerator, model_generator
from profiling_pipeline.generation.language_model.proposed import Proposed
from profiling_pipeline.generation.rule_packs import RulePack, load_packs
from profiling_pipeline.generation.suggester import attributes_of, suggest_rules
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline.rules.binding import RESERVED
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.generations import Generation, generation_by_model
from profiling_pipeline.services.provider import Provider, chosen_provider, endpoint_of
from profiling_pipeline.services.trial import Material, Trial, first_of_each
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute, OpenSource

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Proposals:
    """Rules that can run, in order, what each comes to on the data, what was dropped, and how it came about."""

    rules: list[Rule]
    outcomes: list[RuleOutcome]
    dropped: list[DroppedRule]
    generation: Generation


def propose_rules(
    material: Material,
    settings: Settings,
    provider: Provider | None = None,
    *,
    existing: Sequence[Rule] = (),
    answers: KeptAnswers | None = None,
    progress: Progress | None = None,
) -> Proposals:
    """Propose rules for the attributes, each checked against the columns and tried on the data.

    What a model proposed and what cannot run goes back to it once. Attributes for which it gave nothing usable get the
    offline suggester's rules, and the generation's record says which and why.

    Args:
        material: What rules are proposed for.
        settings: Where a model is asked, and what that may cost.
        provider: What proposes; None for a model where one is configured, else the offline suggester.
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
    if chosen_provider(settings, provider) is Provider.OFFLINE:
        trial = Trial(material, existing)
        trial.add(_suggested(material, material.attributes, packs))
        return _proposals(trial, Generation(Provider.OFFLINE))
    with _generator(material, settings, answers) as generator:
        proposed = generator.propose(progress)
        trial = Trial(material, existing)
        mended = _tried_and_mended(trial, proposed, generator)
        repeated = [each.rule for each in trial.dropped if each.is_repeated]
        covered = {rule.attribute_id for rule in [*trial.rules, *repeated]}
        without = [attribute for attribute in generator.attributes if attribute.attribute_id not in covered]
        trial.add(_suggested(material, without, packs))
        suggested = {rule.attribute_id for rule in trial.rules} - covered
        generation = replace(
            generation_by_model(generator, proposed.failures),
            mended_rules=mended,
            offline_attributes=tuple(a.name for a in without if a.attribute_id in suggested),
        )
        return _proposals(trial, generation)


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
    hidden_columns: frozenset[str] = frozenset()
    if chosen_provider(settings, provider) is Provider.LLM and not shares_values:
        attributes = [replace(attribute, classification=None) for attribute in attributes]
        hidden_columns = frozenset(source.columns)
    matches = match_columns(attributes, source.columns)
    material = Material(profile, attributes, matches, source, profile.source, hidden_columns)
    return propose_rules(material, settings, provider, progress=progress)


def propose_changes(
    material: Material,
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
    trial = Trial(material, existing)
    generation = Generation(Provider.OFFLINE)
    if chosen_provider(settings, provider) is Provider.LLM:
        with _generator(material, settings, answers) as generator:
            proposed = generator.propose_changes(requests)
            proposed.rules = first_of_each(proposed.rules)
            mended = _tried_and_mended(trial, proposed, generator)
            trial.keep_first_of_each()
            generation = replace(generation_by_model(generator, proposed.failures), mended_rules=mended)
    replaced = {rule.rule_id for rule in trial.rules}
    left = [request.rule for request in requests if request.rule.rule_id not in replaced]
    suggestions = _suggested(material, material.attributes, load_packs(settings.rule_pack_folders)) if left else []
    offline = _suggested_instead(left, suggestions)
    trial.add(offline)
    if generation.provider is Provider.LLM:
        generation = replace(generation, offline_attributes=tuple(dict.fromkeys(rule.attribute for rule in offline)))
    return _proposals(trial, generation)


def _tried_and_mended(trial: Trial, proposed: Proposed, generator: ModelGenerator) -> int:
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


def _suggested(material: Material, attributes: Sequence[Attribute], packs: Sequence[RulePack]) -> list[Rule]:
    """Return the offline suggester's rules for these attributes, made with all of them in sight."""
    wanted = {attribute.attribute_id for attribute in attributes}
    if not wanted:
        return []
    suggested = suggest_rules(
        material.profile, material.attributes, material.matches, source=material.source, packs=packs
    )
    return [rule for rule in suggested if rule.attribute_id in wanted]


def _suggested_instead(rules: Sequence[Rule], suggestions: Sequence[Rule]) -> list[Rule]:
    """Return, for each rule that has one, the first suggestion with the same check that says something else."""
    found = []
    for rule in rules:
        for suggestion in suggestions:
            is_like = (suggestion.attribute_id, suggestion.check) == (rule.attribute_id, rule.check)
            if is_like and _own(suggestion) != _own(rule):
                kept = {name: value for name, value in rule.parameters.items() if name in RESERVED}
                parameters = {**_own(suggestion), **kept}
                found.append(replace(suggestion, parameters=parameters, rule_id=rule.rule_id, name=rule.name))
                break
    return found


def _own(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in rule.parameters.items() if name not in RESERVED}


def _generator(
    material: Material, settings: Settings, answers: KeptAnswers | None
) -> AbstractContextManager[ModelGenerator]:
    context = choose_context(material.report, material.attributes, settings.llm_context_folder)
    return model_generator(
        endpoint_of(settings),
        context,
        material.profile,
        material.attributes,
        material.matches,
        answers or NoKeptAnswers(),
    )


def _proposals(trial: Trial, generation: Generation) -> Proposals:
    pairs = trial.in_order()
    return Proposals([rule for rule, _ in pairs], [outcome for _, outcome in pairs], trial.dropped, generation)
