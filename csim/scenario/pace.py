"""How fast a chat runs while its agent holds others: given, or derived from turns (finite-source queue)."""

from __future__ import annotations

from csim.scenario.model import ComposedPace, Group


def mean_response(compose_s: float, customer_s: float, held: int) -> float:
    """
    Mean time from a customer's message to the agent's reply while *held* chats run, s.

    One agent composes for *compose_s* on average while every other customer types for
    *customer_s*: a machine-repair (finite-source, single-server) queue, solved by mean value
    analysis. With one chat it is the composing itself.

    Examples:
        >>> [round(mean_response(10, 60, k), 1) for k in (1, 5, 8, 10)]
        [10.0, 18.2, 31.1, 44.5]

    Source: Reiser & Lavenberg (1980), mean value analysis of closed queueing networks.
    """
    waiting, response = 0.0, compose_s
    for k in range(1, held + 1):
        response = compose_s * (1 + waiting)
        waiting = k * response / (response + customer_s)
    return response


def pace_at(group: Group, held: int) -> float:
    """The speed of each chat while *held* are held; 1 alone."""
    if isinstance(group.pace, ComposedPace):
        compose, customer = group.pace.compose, group.pace.customer
        return (compose + customer) / (mean_response(compose, customer, held) + customer)
    if group.pace is not None:
        return group.pace[held - 1]
    return 1.0


def pace_steps(group: Group) -> tuple[float, ...]:
    """The pace with 1, 2, … `concurrency` chats held."""
    return tuple(pace_at(group, held) for held in range(1, group.concurrency + 1))
