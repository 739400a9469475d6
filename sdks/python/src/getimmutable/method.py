"""Makes a method out of an endpoint, with the endpoint's documentation and signature."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar, get_args

Method = TypeVar("Method", bound=Callable[..., Any])


def as_method(method: Method, endpoint: Callable[..., Any]) -> Method:
    """Let `help`, `inspect.signature` and editors show for `method` what they show for `endpoint`."""
    signature = inspect.signature(endpoint)
    self = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    method.__doc__ = endpoint.__doc__
    method.__name__ = endpoint.__name__
    method.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[self, *signature.parameters.values()],
        return_annotation=_returns(method, signature.return_annotation),
    )
    return method


def _returns(method: Callable[..., Any], request: Any) -> Any:
    """What the method gives, where the endpoint gives a `Request` for it: the answer, or the items of its pages."""
    (answer,) = get_args(request)
    if inspect.isgeneratorfunction(method):
        return Iterator[get_args(answer)[0]]  # type: ignore[misc]
    if inspect.isasyncgenfunction(method):
        return AsyncIterator[get_args(answer)[0]]  # type: ignore[misc]
    return answer
