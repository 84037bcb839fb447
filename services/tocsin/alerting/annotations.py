"""Annotations: the words of an alert, as Jinja templates in a sandbox that cannot run long.

    compile_template("{{ value }} of {{ of }} capitals have fallen in {{ window }}").render(context)

A template may look at the alert's values, choose and loop, and use a few filters; it may not call, multiply, assign or
nest loops. So the work it can ask for is bounded by its length, and needs no timer.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .documents import did_you_mean

MAX_SOURCE: Final = 2_000
MAX_RENDERED: Final = 4_000
"""Characters: beyond, the text is cut and ends in an ellipsis."""

VARIABLES: Final = {
    "value": "what the rule measures now",
    "count": "how many items are counted",
    "of": "the denominator, or none",
    "share": "count by denominator, from 0 to 1, or none",
    "percent": "share in percent, rounded, or none",
    "threshold": 'the rule\'s threshold, such as ">= 5"',
    "window": 'the rule\'s window, such as "7d"; empty without one',
    "rule": "the rule's name",
    "state": "firing or resolved",
    "reason": "why it is resolved, or none",
    "starts_at": "when it began, in event time",
    "ends_at": "when it ended, or none",
    "group": "what the rule groups by, by path",
    "labels": "the alert's labels",
    "items": "the names of what is counted",
    "evidence": "what is counted, with its sentence",
}
"""What a template may name."""

FILTERS: Final = (
    "abs", "capitalize", "count", "default", "first", "float", "int", "join", "last", "length", "lower", "reverse",
    "round", "sort", "string", "title", "trim", "truncate", "unique", "upper",
)  # fmt: skip
"""None of them takes the name of another one, as `map` does."""
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.List,
    nodes.Tuple, nodes.Slice, nodes.Filter, nodes.Keyword, nodes.CondExpr, nodes.If, nodes.For, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Div, nodes.Neg, nodes.Concat,
)  # fmt: skip


_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class AnnotationError(ValueError):
    """A template that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A checked template."""

    source: str
    _template: Template

    def render(self, context: Mapping[str, Any]) -> str:
        """The text for `context` (the names of VARIABLES), cut to MAX_RENDERED characters.

        A template that fails on these values gives its error as text: an alert is not held back by its words.
        """
        rendered: list[str] = []
        room = MAX_RENDERED
        try:
            for part in self._template.generate(**context):
                rendered.append(part[:room])
                room -= len(part)
                if room < 0:
                    return "".join(rendered)[: MAX_RENDERED - 1] + "…"
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
            return f"(annotation failed: {error})"
        return "".join(rendered)


def compile_template(source: str) -> Annotation:
    """The template in `source`. Raises AnnotationError for what is no template, or says what it must not."""
    if len(source) > MAX_SOURCE:
        raise AnnotationError(f"expected at most {MAX_SOURCE} characters, not {len(source)}")
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        raise AnnotationError(f"not a template: {error.message}") from None
    except RecursionError:
        raise AnnotationError("not a template: nested too deeply") from None
    _check(tree, inside_loop=False)
    unknown = sorted(meta.find_undeclared_variables(tree) - VARIABLES.keys())
    if unknown:
        near = did_you_mean(unknown[0], VARIABLES)
        raise AnnotationError(f"no value is called {unknown[0]!r}{near}; known are {', '.join(VARIABLES)}")
    try:
        return Annotation(source, _ENVIRONMENT.from_string(source))
    except TemplateError as error:
        raise AnnotationError(f"not a template: {error}") from None


def _check(node: nodes.Node, inside_loop: bool) -> None:
    if not isinstance(node, _ALLOWED):
        raise AnnotationError(f"a template may not use {type(node).__name__.lower()}")
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        near = did_you_mean(node.name, FILTERS)
        raise AnnotationError(f"no filter is called {node.name!r}{near}; known are {', '.join(FILTERS)}")
    if isinstance(node, nodes.For):
        if inside_loop:
            raise AnnotationError("a loop may not stand inside a loop")
        inside_loop = True
    for child in node.iter_child_nodes():
        _check(child, inside_loop)
