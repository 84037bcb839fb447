"""What a rule must be to make sense: its paths exist, its parts go together. All complaints at once."""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tocsin_schemas.alert import SignalStream

from .annotations import Annotation, AnnotationError, compile_template
from .conditions import All, Complaint, Condition, Test, compile_match, one_of, paths_of
from .documents import Loc, did_you_mean
from .fields import MUTABLE, Field, UnknownFieldError, field_of
from .place_sets import PlaceSets
from .rule_models import Rule

_SURE_ENOUGH: Final = {
    "contested": ("contested", "claimed", "confirmed"),
    "claimed": ("claimed", "confirmed"),
    "confirmed": ("confirmed",),
}
"""The statuses that meet a `min_status`: a contested claim weighs less than one that nobody denies."""
_MODALITIES: Final = {
    "contested": ("asserted", "claimed", "denied"),
    "claimed": ("asserted", "claimed"),
    "confirmed": ("asserted",),
}
"""The same for events, which no ledger has weighed."""


@dataclass(slots=True)
class CheckedSource:
    """What is taken from one stream."""

    stream: SignalStream
    condition: Condition
    value: Field | None
    group: tuple[Field, ...]


@dataclass(slots=True)
class Checked:
    """A rule's compiled parts, and what is wrong with it. `of` is the name of the denominator's place set."""

    sources: list[CheckedSource] = field(default_factory=list[CheckedSource])
    annotations: dict[str, Annotation] = field(default_factory=dict[str, Annotation])
    of: str | None = None
    complaints: list[Complaint] = field(default_factory=list[Complaint])

    def complain(self, loc: Loc, message: str) -> None:
        """Notes a complaint."""
        self.complaints.append((loc, message))


def check_rule(rule: Rule, loc: Loc, sets: PlaceSets) -> Checked:
    """The compiled parts of `rule`, which stands at `loc` of its file."""
    checked = Checked()
    _check_sources(rule, loc, checked)
    _check_window(rule, loc, checked)
    _check_threshold(rule, loc, checked)
    _check_grouping(rule, loc, checked)
    _check_denominator(rule, loc, sets, checked)
    _check_words(rule, loc, checked)
    return checked


def _check_sources(rule: Rule, loc: Loc, checked: Checked) -> None:
    steps = rule.measure.sequence
    if steps is None:
        if rule.stream is None:
            checked.complain(loc, "expected 'stream'")
            return
        compiled, complaints = compile_match(rule.stream, rule.match, (*loc, "match"))
        checked.complaints += complaints
        checked.sources.append(_source(rule, rule.stream, compiled, loc, checked))
        return
    if rule.match:
        checked.complain((*loc, "match"), "a sequence has its matches in its steps, none beside them")
    for index, step in enumerate(steps):
        here: Loc = (*loc, "measure", "sequence", index)
        stream = step.stream or rule.stream
        if stream is None:
            checked.complain(here, "expected 'stream' in this step, or in the rule")
        else:
            compiled, complaints = compile_match(stream, step.match, (*here, "match"))
            checked.complaints += complaints
            checked.sources.append(_source(rule, stream, compiled, loc, checked))


def _source(rule: Rule, stream: SignalStream, condition: Condition, loc: Loc, checked: Checked) -> CheckedSource:
    guarded = All((condition, *_guards(rule, stream, condition, loc, checked)))
    value = _value_field(rule, stream, loc, checked)
    return CheckedSource(stream, guarded, value, _group_fields(rule, stream, loc, checked))


def _guards(rule: Rule, stream: SignalStream, condition: Condition, loc: Loc, checked: Checked) -> list[Condition]:
    """How sure an item must be, unless the match says that itself."""
    name, levels = ("status", _SURE_ENOUGH) if stream in MUTABLE else ("modality", _MODALITIES)
    guards: list[Condition] = []
    if name in paths_of(condition):
        if rule.min_status is not None:
            checked.complain((*loc, "min_status"), f'the match names "{name}" already: say it once')
    else:
        guards.append(one_of(field_of(stream, name), frozenset(levels[rule.min_status or "claimed"])))
    if rule.min_families is not None:
        if stream == "incidents":
            least = rule.min_families
            guards.append(Test(field_of(stream, "n_families"), lambda count: count >= least))
        else:
            checked.complain(
                (*loc, "min_families"),
                "only incidents count the families that report them: use `stream: incidents`, or min_status: confirmed",
            )
    return guards


def _value_field(rule: Rule, stream: SignalStream, loc: Loc, checked: Checked) -> Field | None:
    measure = rule.measure
    path = measure.count_distinct or measure.sum or ("place.id" if measure.share_of is not None else None)
    if path is None:
        return None
    here: Loc = (*loc, "measure", measure.name)
    try:
        found = field_of(stream, path)
    except UnknownFieldError as error:
        checked.complain(here, str(error))
        return None
    if found.many:
        checked.complain(here, f'"{path}" has many values in one record: name a field that has one')
    elif measure.sum is not None and found.kind != "number" and not found.quantity:
        checked.complain(here, f'"{path}" is no number: expected a number or a quantity, such as count.minimum')
    elif measure.sum is None and found.kind == "object":
        checked.complain(here, f'"{path}" is no single value: name one of its fields')
    return found


def _group_fields(rule: Rule, stream: SignalStream, loc: Loc, checked: Checked) -> tuple[Field, ...]:
    found: list[Field] = []
    for index, path in enumerate(rule.group_by):
        here: Loc = (*loc, "group_by", index)
        try:
            field = field_of(stream, path)
        except UnknownFieldError as error:
            checked.complain(here, str(error))
            continue
        if field.many or field.kind == "object":
            checked.complain(here, f'"{path}" has no single value to group by')
        elif not field.identity:
            checked.complain(
                here, f'"{path}" changes with the revisions of a record of {stream}: group by a field of its place'
            )
        found.append(field)
    return tuple(found)


def _check_window(rule: Rule, loc: Loc, checked: Checked) -> None:
    measure = rule.measure
    here: Loc = (*loc, "window")
    if measure.name in ("absence", "silence"):
        if rule.window is not None:
            checked.complain(here, f"the time of {measure.name} stands in the measure: leave the window out")
        return
    if rule.window is not None and not rule.window:
        checked.complain(here, "expected a window longer than 0s")
    if rule.window is None and (measure.name in ("sequence", "rate") or rule.streams != {"control"}):
        checked.complain(loc, "expected 'window': only counts on control, where things hold until they end, need none")
    if measure.rate is not None and rule.window is not None and measure.rate.baseline < 2 * rule.window:
        checked.complain(
            (*loc, "measure", "rate", "baseline"), "expected a baseline at least twice as long as the window"
        )


def _check_threshold(rule: Rule, loc: Loc, checked: Checked) -> None:
    name, when = rule.measure.name, rule.when
    if name in ("absence", "silence"):
        for key, given in (("when", when is not None), ("steps", bool(rule.steps)), ("of", rule.of is not None)):
            if given:
                checked.complain((*loc, key), f"{name} has no threshold: leave {key!r} out")
        for key, given in (("absence", rule.measure.absence), ("silence", rule.measure.silence)):
            if given is not None and not given:
                checked.complain((*loc, "measure", key), "expected a time longer than 0s")
        return
    if when is None:
        checked.complain(loc, "expected 'when', such as {gte: 5}")
        return
    if when.rising and when.bound <= 0 and when.gt is None:
        checked.complain((*loc, "when"), "this holds for nothing at all: expected a threshold above 0")
    if name == "share_of" and not 0 <= when.bound <= 1:
        checked.complain((*loc, "when"), f"a share lies between 0 and 1: 25 % is 0.25, not {when.bound:g}")
    if rule.steps and not when.rising:
        checked.complain((*loc, "steps"), "steps go up: they need a threshold with gte or gt")
    for index, (before, step) in enumerate(zip([when.bound, *rule.steps], rule.steps, strict=False)):
        if step < before or (step == before and index):
            checked.complain((*loc, "steps", index), f"expected steps that rise from the threshold, not {step:g}")


def _check_grouping(rule: Rule, loc: Loc, checked: Checked) -> None:
    if rule.measure.name in ("absence", "silence") and rule.group_by:
        checked.complain(
            (*loc, "group_by"),
            f"{rule.measure.name} is told of one thing: write a rule for each, with a match",
        )
    taken = {path.replace(".", "_") for path in rule.group_by} | {"alertname"}
    for name in rule.labels:
        if name in taken:
            checked.complain((*loc, "labels", name), f"the alert has a label {name!r} already")


def _check_denominator(rule: Rule, loc: Loc, sets: PlaceSets, checked: Checked) -> None:
    measure = rule.measure
    named = measure.share_of or rule.of
    if named is not None:
        here: Loc = (*loc, "measure", "share_of") if measure.share_of is not None else (*loc, "of")
        if sets.get(named) is None:
            near = did_you_mean(named, sets.names())
            checked.complain(here, f"no place set is called {named!r}{near}")
        if measure.share_of is not None and rule.of not in (None, named):
            checked.complain((*loc, "of"), "share_of names the place set already")
        if measure.share_of is None and measure.count_distinct != "place.id":
            checked.complain((*loc, "of"), "a place set is the denominator of `count_distinct: place.id` alone")
        checked.of = named
    elif measure.count_distinct == "place.id" and rule.match.get("place.is_admin1_capital") is True:
        country = rule.match.get("place.country")
        found = sets.capitals_of(country) if isinstance(country, str) else None
        checked.of = found.name if found is not None else None


def _check_words(rule: Rule, loc: Loc, checked: Checked) -> None:
    checked.annotations, complaints = compile_annotations(rule.annotations, (*loc, "annotations"))
    checked.complaints += complaints


def compile_annotations(given: Mapping[str, Any], loc: Loc) -> tuple[dict[str, Annotation], list[Complaint]]:
    """The templates by name, and what is wrong with those that cannot be used. What is no text is passed by."""
    compiled: dict[str, Annotation] = {}
    complaints: list[Complaint] = []
    for name, source in given.items():
        if isinstance(source, str):
            try:
                compiled[name] = compile_template(source)
            except AnnotationError as error:
                complaints.append(((*loc, name), str(error)))
    return compiled, complaints
