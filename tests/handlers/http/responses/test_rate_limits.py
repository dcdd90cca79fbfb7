"""Tests of the headers of limits."""

from datetime import timedelta

from chalicelib.domain.model.errors import Busy, RateLimited
from chalicelib.domain.model.limit_use import LimitUse
from chalicelib.handlers.http.responses.rate_limits import headers_beyond, headers_near, headers_of

BOOKINGS = LimitUse("bookings", 200, 199, window=None, resets_in=timedelta(seconds=1, milliseconds=1))
LOCKS = LimitUse("cancelled-locks", 50, 60, window=timedelta(days=1), resets_in=timedelta(hours=1))
FREE = LimitUse("idempotency-keys", 500, 0, window=timedelta(days=1), resets_in=None)


def test_r36_each_limit_is_an_item_of_both_lists() -> None:
    assert headers_of([BOOKINGS, LOCKS, FREE]) == {
        "RateLimit-Policy": '"bookings";q=200, "cancelled-locks";q=50;w=86400, "idempotency-keys";q=500;w=86400',
        "RateLimit": '"bookings";r=1;t=2, "cancelled-locks";r=0;t=3600, "idempotency-keys";r=500',
    }
    assert headers_of([]) == {}


def test_r36_only_limits_that_are_near_are_listed() -> None:
    assert headers_near([FREE, LOCKS]) == headers_of([LOCKS])
    assert headers_near([FREE]) == {}


def test_r36_a_refusal_lists_the_limit_that_the_request_exceeds() -> None:
    assert headers_beyond(RateLimited(use=LOCKS)) == headers_of([LOCKS])
    assert headers_beyond(RateLimited()) == headers_beyond(Busy()) == {}
