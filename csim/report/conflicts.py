"""Which of a scenario's targets cannot hold together, as a table of a page."""

from __future__ import annotations

from csim.display.tables import html_table
from csim.display.words import Words
from csim.kpi.feasibility import conflicts_of, said
from csim.report.parts import Html
from csim.scenario.load import Scenario


def conflicts(scenario: Scenario, lang: str = "en") -> Html:
    """
    What collides, by which numbers, and what to write instead; impossible ones first. Nothing is simulated.

    Examples:
        >>> import csim
        >>> hotline = csim.load_scenario("scenarios/centres/hotline_400.yaml")
        >>> asked = hotline.vary({"queues.hotline.targets": {"answer_rate": "98%", "wait_all": "10 s"}})
        >>> "2.4 s" in conflicts(asked).text, "any" in conflicts(hotline).text
        (True, True)
    """
    words = Words(lang)
    rows, marks = [], []
    for queue, found in conflicts_of(scenario).items():
        for conflict in found:
            what, instead = said(conflict, lang)
            rows.append([queue, words(f"conflict_{conflict.severity}"), what, instead])
            marks.append("misses" if conflict.severity == "error" else "")
    if not rows:
        return Html(f"<p>{words('conflict_none')}</p>")
    heads = [words(f"conflict_{name}") for name in ("queue", "severity", "what", "instead")]
    return Html(html_table(heads, rows, words("conflict_title"), marks))
