"""Rules proposed by a language model: each answer is confined to the attributes that it was asked about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from profiling_pipeline.errors import ModelAnswerError, ModelError, RuleError
from profiling_pipeline.generation.language_model.account import BudgetError
from profiling_pipeline.generation.language_model.answer import Answer, ProposedRule, read_answer
from profiling_pipeline.generation.language_model.asking import Asker, KeptAnswers, ModelRefusalError, Request
from profiling_pipeline.generation.language_model.batches import Batch, Told, make_batches
from profiling_pipeline.generation.language_model.contexts import Context
from profiling_pipeline.generation.language_model.disclosure import Subject, told, told_parameters
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.generation.language_model.prompts import (
    PROMPT_VERSION,
    BrokenRule,
    Prompts,
    RuleToChange,
    asked_again,
)
from profiling_pipeline.generation.overlaps import own_parameters
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.rules.binding import CONDITIONS
from profiling_pipeline.rules.predicate.columns import predicate_columns
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import Attribute, ColumnMatches

_LONGEST_ORIGIN = 12


@dataclass(frozen=True)
class ChangeRequest:
    """A rule that the report owner wants changed, and the notes that say how."""

    rule: Rule
    notes: str | None


@dataclass(frozen=True)
class Failure:
    """Attributes that the model proposed nothing usable for, and why."""

    attributes: tuple[str, ...]
    reason: str


@dataclass
class Proposed:
    """What came of some requests."""

    rules: list[Rule] = field(default_factory=list)
    dropped: list[DroppedRule] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: "Proposed") -> None:
        """Add what came of others."""
        self.rules += other.rules
        self.dropped += other.dropped
        self.failures += other.failures


@dataclass(frozen=True)
class _Asked:
    """A request that was answered, and which attributes its keys mean."""

    request: Request
    members: Mapping[str, Told]
    replaced: Mapping[str, ChangeRequest] = field(default_factory=dict)


@contextmanager
def model_generator(
    endpoint: Endpoint,
    context: Context,
    profile: TableProfile,
    attributes: Sequence[Attribute],
    matches: ColumnMatches,
    answers: KeptAnswers,
) -> Iterator["ModelGenerator"]:
    """Yield a generator for the attributes that have a column; leaving the block closes its connections."""
    # The package takes half a second to load, which every process of a run would wait for.
    from profiling_pipeline.generation.language_model.openai_client import ModelClient

    client = ModelClient(endpoint)
    try:
        yield ModelGenerator(Asker(endpoint, client, answers), context, profile, attributes, matches)
    finally:
        client.close()


class ModelGenerator:
    """Asks a model for rules, and once more about those that cannot be used."""

    def __init__(
        self,
        asker: Asker,
        context: Context,
        profile: TableProfile,
        attributes: Sequence[Attribute],
        matches: ColumnMatches,
    ) -> None:
        columns = {column.name: column for column in profile.columns}
        self._columns = list(columns)
        self._subjects = {
            attribute.attribute_id: Subject(attribute, columns[matches.columns[attribute.attribute_id]])
            for attribute in attributes
            if matches.columns.get(attribute.attribute_id) in columns
        }
        self.asker = asker
        self.context = context
        self._prompts = Prompts(context, profile.columns)
        self._origins: dict[str, _Asked] = {}

    @property
    def attributes(self) -> list[Attribute]:
        """The attributes that rules can be proposed for."""
        return [subject.attribute for subject in self._subjects.values()]

    def propose(self, progress: Callable[[int, int], None] | None = None) -> Proposed:
        """Ask for rules for every attribute.

        Raises:
            ModelUnavailableError: No request was answered, and the endpoint may answer later.
            ModelError: The endpoint refuses everything.
        """
        batches = make_batches(self._subjects.values(), self.asker.endpoint)
        return self._together([(batch, self._propose) for batch in batches], progress)

    def propose_changes(self, requests: Iterable[ChangeRequest]) -> Proposed:
        """Ask for rules in place of others; each attribute's own request has the notes on its rules.

        A proposed rule's `rule_id` is that of the rule it replaces.

        Raises:
            ModelUnavailableError: No request was answered, and the endpoint may answer later.
            ModelError: The endpoint refuses everything.
        """
        by_attribute: dict[int, list[ChangeRequest]] = defaultdict(list)
        for request in requests:
            if request.rule.attribute_id in self._subjects:
                by_attribute[request.rule.attribute_id].append(request)

        def change(batch: Batch) -> Proposed:
            return self._change(batch, by_attribute[batch.members[0].subject.attribute.attribute_id])

        batches = [
            Batch((Told(self._subjects[attribute_id], told(self._subjects[attribute_id])),))
            for attribute_id in by_attribute
        ]
        return self._together([(batch, change) for batch in batches])

    def repair(self, broken: Iterable[DroppedRule]) -> Proposed:
        """Send rules that cannot be used back, once, to where they came from; what comes now replaces them.

        No failure of this is an error: then the rules stay dropped.
        """
        by_origin: dict[str, list[DroppedRule]] = defaultdict(list)
        for each in broken:
            origin = each.rule.parameters.get("origin")
            batch = origin.get("batch") if isinstance(origin, Mapping) else None
            if batch in self._origins:
                by_origin[batch].append(each)
        works = [(self._origins[origin], rules) for origin, rules in by_origin.items()]
        repaired = Proposed()
        with self._pool() as pool:
            futures = [pool.submit(self._repair, asked, rules) for asked, rules in works]
            for future in as_completed(futures):
                try:
                    repaired.add(future.result())
                except (ModelError, BudgetError) as error:
                    repaired.failures.append(Failure((), f"Broken rules could not be sent back: {error}"))
        return repaired

    def _together(
        self,
        works: Sequence[tuple[Batch, Callable[[Batch], Proposed]]],
        progress: Callable[[int, int], None] | None = None,
    ) -> Proposed:
        """Do the work on all batches in parallel; a batch that fails leaves the others."""
        proposed, errors, answered = Proposed(), [], 0
        with self._pool() as pool:
            futures: dict[Future[Proposed | _Unasked], int] = {
                pool.submit(self._kept_apart, work, batch): number for number, (batch, work) in enumerate(works)
            }
            results: dict[int, Proposed] = {}
            for done, future in enumerate(as_completed(futures), start=1):
                result = future.result()
                if isinstance(result, _Unasked):
                    errors.append(result.error)
                    results[futures[future]] = Proposed(failures=[result.failure])
                else:
                    answered += 1
                    results[futures[future]] = result
                if progress:
                    progress(done, len(works))
        if errors and not answered:
            raise errors[0]
        for number in sorted(results):
            proposed.add(results[number])
        return proposed

    def _kept_apart(self, work: Callable[[Batch], Proposed], batch: Batch) -> "Proposed | _Unasked":
        names = tuple(member.subject.attribute.name for member in batch.members)
        try:
            return work(batch)
        except (ModelAnswerError, BudgetError) as error:
            return Proposed(failures=[Failure(names, str(error))])
        except ModelError as error:
            return _Unasked(error, Failure(names, str(error)))

    def _propose(self, batch: Batch) -> Proposed:
        """Ask about a batch; where the answer has no room, about each half."""
        request = self._prompts.about(batch)
        try:
            answer, request = self._answer(request)
        except ModelAnswerError as error:
            if not error.is_cut_off or len(batch.members) == 1:
                raise
            proposed = Proposed()
            for half in batch.halves():
                part = self._kept_apart(self._propose, half)
                if isinstance(part, _Unasked):
                    raise part.error from error
                proposed.add(part)
            return proposed
        return self._confined(answer, _Asked(request, batch.by_key()))

    def _change(self, batch: Batch, requests: Sequence[ChangeRequest]) -> Proposed:
        is_shown = batch.members[0].subject.attribute.is_shown
        replaced = {f"r{number}": request for number, request in enumerate(requests, start=1)}
        shown = {
            key: RuleToChange(
                check=request.rule.check,
                parameters=told_parameters(request.rule.parameters, is_shown=is_shown),
                name=request.rule.name if is_shown else request.rule.check,
                notes=request.notes,
            )
            for key, request in replaced.items()
        }
        answer, request = self._answer(self._prompts.about_changes(batch, shown))
        return self._confined(answer, _Asked(request, batch.by_key(), replaced))

    def _repair(self, asked: _Asked, broken: Sequence[DroppedRule]) -> Proposed:
        keys = {member.subject.attribute.attribute_id: key for key, member in asked.members.items()}
        replaced = {request.rule.rule_id: key for key, request in asked.replaced.items()}
        shown = [
            BrokenRule(
                key=keys[each.rule.attribute_id],
                check=each.rule.check,
                parameters={name: value for name, value in each.rule.parameters.items() if name != "origin"},
                reason=each.reason,
                replaces=replaced.get(each.rule.rule_id),
            )
            for each in broken
            if each.rule.attribute_id in keys
        ]
        request = self._prompts.about_broken(asked.request, shown)
        answer = self.asker.ask(request, read_answer)
        allowed = {member.key for member in shown}
        members = {key: member for key, member in asked.members.items() if key in allowed}
        return self._confined(answer, _Asked(request, members, asked.replaced))

    def _answer(self, request: Request) -> tuple[Answer, Request]:
        """Return what the model answers, and to which request: it is asked once more where it cannot be read."""
        try:
            return self.asker.ask(request, read_answer), request
        except ModelRefusalError:
            raise
        except ModelAnswerError as error:
            if error.is_cut_off:
                raise
            again = asked_again(request, str(error))
        return self.asker.ask(again, read_answer), again

    def _confined(self, answer: Answer, asked: _Asked) -> Proposed:
        """Return the answer's rules, those only that are about attributes of the request."""
        origin = asked.request.digest(self.asker.endpoint)[:_LONGEST_ORIGIN]
        self._origins[origin] = asked
        proposed = Proposed()
        for each in answer.rules:
            member = asked.members.get(each.attribute)
            rule = self._rule(each, member, origin)
            if member is None:
                reason = f"The model names '{each.attribute[:40]}', which is none of the attributes it was asked about."
                proposed.dropped.append(DroppedRule(rule, reason))
            elif not self._is_about(rule, member):
                proposed.dropped.append(DroppedRule(rule, "Its predicate does not name the attribute's own column."))
            elif asked.replaced and each.replaces not in asked.replaced:
                proposed.dropped.append(DroppedRule(rule, "It replaces none of the rules that were to be changed."))
            elif asked.replaced and each.replaces is not None:
                self._take_place(rule, asked.replaced[each.replaces].rule, member, proposed)
            else:
                proposed.rules.append(rule)
        names = ", ".join(member.subject.attribute.name for member in asked.members.values())
        for reason in answer.unreadable:
            unreadable = Rule(name="(unreadable)", attribute=names[:200], check="", provider=self._provider)
            proposed.dropped.append(DroppedRule(unreadable, f"An entry of the answer is no rule: {reason}."))
        return proposed

    def _is_about(self, rule: Rule, member: Told) -> bool:
        """Return whether a free condition is one on the attribute's column, so that it is no rule of another one."""
        if rule.check != "expression":
            return True
        try:
            names = predicate_columns(str(rule.parameters.get("predicate")), self._columns)
        except RuleError:
            return True  # it goes back to the model with what is wrong
        return member.subject.column.name in names

    def _take_place(self, rule: Rule, replaced: Rule, member: Told, proposed: Proposed) -> None:
        """Add a rule that takes another's place; of a hidden column it keeps the conditions that were not told."""
        kept: dict[str, Any] = {}
        if not member.subject.attribute.is_shown:
            kept = {name: value for name, value in replaced.parameters.items() if name in CONDITIONS}
        changed = replace(rule, parameters={**kept, **rule.parameters}, rule_id=replaced.rule_id)
        if changed.check == replaced.check and own_parameters(changed) == own_parameters(replaced):
            proposed.dropped.append(DroppedRule(changed, "It says the same as the rule that was to be changed."))
        else:
            proposed.rules.append(changed)

    def _rule(self, proposed: ProposedRule, member: Told | None, origin: str) -> Rule:
        attribute = member.subject.attribute if member else None
        name = proposed.name or f"{attribute.name[:120] if attribute else proposed.attribute[:40]} {proposed.check}"
        own: dict[str, Any] = {key: value for key, value in proposed.parameters.items() if key != "origin"}
        return Rule(
            name=name,
            attribute=attribute.name if attribute else proposed.attribute[:40],
            check=proposed.check,
            parameters={**own, "origin": {"batch": origin, "prompt_version": PROMPT_VERSION}},
            severity=proposed.severity,
            column=member.subject.column.name if member else None,
            rationale=proposed.rationale,
            confidence=proposed.confidence,
            provider=self._provider,
            regulatory_reference=proposed.regulatory_reference,
            attribute_id=attribute.attribute_id if attribute else None,
        )

    @property
    def _provider(self) -> str:
        return self.asker.endpoint.provider

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Yield threads; when the block is left by an error, what has not begun is left undone and waiting ends."""
        pool = ThreadPoolExecutor(self.asker.endpoint.parallel_requests, thread_name_prefix="model")
        try:
            yield pool
        except BaseException:
            self.asker.cancel()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Unasked:
    """A batch that could not be asked about at all."""

    error: ModelError
    failure: Failure
