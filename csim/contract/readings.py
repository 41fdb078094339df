"""Which KPI of the catalogue a clause means, once its reading is said, and which readings a measure needs."""

from __future__ import annotations

from collections.abc import Mapping

from csim.contract.model import Reading

NEEDS: Mapping[str, tuple[str, ...]] = {
    "service_level": ("hang_ups", "within"),
    "service_level_included": ("within",),
    "service_level_excluded": ("within",),
    "service_level_answered_only": ("within",),
    "service_level_quick_counts_as_met": ("within",),
    "mean_response": ("clock", "weighting"),
    "contacts_per_hour": ("hours",),
    "fcr": ("window", "by"),
    "resolution_rate": ("of",),
    "csat_mean": ("scale",),
    "survey_response": ("of",),
    "qa_pass_rate": ("pass_mark",),
    "attendance": ("basis",),
    "attrition": ("period",),
}
SERVICE_LEVELS = tuple(name for name in NEEDS if name.startswith("service_level"))
_MEANT = {
    ("mean_response", "weighting", "session"): "mean_response_session",
    ("survey_response", "of", "sessions"): "survey_response_of_sessions",
}


def lacking(measure: str, reading: Reading) -> list[str]:
    """
    The readings that a measure needs and the clause does not state.

    Examples:
        >>> lacking("service_level", Reading(within="20 s"))
        ['hang_ups']
    """
    return [name for name in NEEDS.get(measure, ()) if getattr(reading, name) is None]


def measured_as(measure: str, reading: Reading) -> str:
    """
    The id under which the KPI is measured.

    Examples:
        >>> measured_as("service_level", Reading(hang_ups="answered_only", within="20 s"))
        'service_level_answered_only'
    """
    if measure == "service_level":
        return f"service_level_{reading.hang_ups}"
    for (name, key, value), meant in _MEANT.items():
        if measure == name and getattr(reading, key) == value:
            return meant
    return measure
