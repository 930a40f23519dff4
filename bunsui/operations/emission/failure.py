"""A state that fails its job with its error: a Fail, inside a Parallel where it has to be caught."""

from __future__ import annotations

from bunsui.asl.model import Branch, Fail, Parallel, State
from bunsui.operations.contract import EmitContext


def failing(context: EmitContext, *, error: str, cause: str, result: str) -> State:
    """Return the state that fails. `cause` is a field of its own, `result` the JSONata of what an isolated job records."""
    fail = Fail(error=error, cause=cause)
    if not context.catch:
        return fail
    # A Fail ends everything around it, so an isolated job wraps it in a state that can catch.
    name = context.sub("fail")
    branch = Branch(start_at=name, states={name: fail})
    return Parallel(branches=(branch,), output=context.output(result), catch=context.catch, next=context.next)
