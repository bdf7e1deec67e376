"""Rules proposed by a language model: requests go out in parallel, and one that fails leaves the others."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass

from profiling_pipeline.errors import ModelAnswerError, ModelError
from profiling_pipeline.generation.language_model.account import BudgetError
from profiling_pipeline.generation.language_model.answer import Answer, read_answer
from profiling_pipeline.generation.language_model.asking import Asker, KeptAnswers, ModelRefusalError, Request
from profiling_pipeline.generation.language_model.batches import Batch, Told, make_batches
from profiling_pipeline.generation.language_model.confinement import Asked, Confinement
from profiling_pipeline.generation.language_model.contexts import Context
from profiling_pipeline.generation.language_model.disclosure import Subject, told, told_parameters
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.generation.language_model.prompts import BrokenRule, Prompts, RuleToChange, asked_again
from profiling_pipeline.generation.language_model.proposed import Failure, Proposed
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import Attribute, ColumnMatches


@dataclass(frozen=True)
class ChangeRequest:
    """A rule that the report owner wants changed, and the notes that say how."""

    rule: Rule
    notes: str | None


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
        self._subjects = {
            attribute.attribute_id: Subject(attribute, columns[matches.columns[attribute.attribute_id]])
            for attribute in attributes
            if matches.columns.get(attribute.attribute_id) in columns
        }
        self.asker = asker
        self.context = context
        self._prompts = Prompts(context, profile.columns)
        self._confinement = Confinement(asker.endpoint, list(columns))

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
        repaired = Proposed()
        with self._pool() as pool:
            futures = [pool.submit(self._repair, asked, rules) for asked, rules in self._confinement.by_request(broken)]
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
        return self._confinement.rules_of(answer, Asked(request, batch.by_key()))

    def _change(self, batch: Batch, requests: Sequence[ChangeRequest]) -> Proposed:
        is_shown = batch.members[0].subject.attribute.is_shown
        keyed = {f"r{number}": request for number, request in enumerate(requests, start=1)}
        shown = {
            key: RuleToChange(
                check=request.rule.check,
                parameters=told_parameters(request.rule.parameters, is_shown=is_shown),
                name=request.rule.name if is_shown else request.rule.check,
                notes=request.notes,
            )
            for key, request in keyed.items()
        }
        answer, request = self._answer(self._prompts.about_changes(batch, shown))
        replaced = {key: request.rule for key, request in keyed.items()}
        return self._confinement.rules_of(answer, Asked(request, batch.by_key(), replaced))

    def _repair(self, asked: Asked, broken: Sequence[DroppedRule]) -> Proposed:
        keys = {member.subject.attribute.attribute_id: key for key, member in asked.members.items()}
        replaced = {rule.rule_id: key for key, rule in asked.replaced.items()}
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
        return self._confinement.rules_of(answer, Asked(request, members, asked.replaced))

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
