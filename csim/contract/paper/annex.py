"""The clauses of a contract as a Word annex, Chinese or English; against an older contract, with tracked changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from csim.contract.findings import plain, share
from csim.contract.load import Contract, read_contract
from csim.contract.model import Checklist, ContractFile
from csim.contract.paper.annex_terms import Rows, Term, front, kpi_terms, money_terms
from csim.contract.paper.annex_words import Said
from csim.contract.pay import Pay, Streak
from csim.display.paper import Block, write_paper

Source = str | Path | Mapping[str, Any] | Contract


def write_annex(contract: Source, path: str | Path, lang: str = "zh", older: Source | None = None) -> Path:
    """
    Writes the terms of a contract as a Word annex, in the order of its clauses.

    What stands under `private` is not in it. With *older*, what came and what went is marked as changes that Word
    can accept or refuse, one by one. The same contract gives the same bytes.
    """
    before = annex_blocks(older, lang) if older is not None else None
    return write_paper(path, annex_blocks(contract, lang), before)


def annex_blocks(contract: Source, lang: str = "zh") -> list[Block]:
    """
    The headings, paragraphs and tables of the annex.

    Examples:
        >>> blocks = annex_blocks("scenarios/contracts/at_risk_pool.yaml", "en")
        >>> [block.text for block in blocks if block.level == 2][1:4]
        ['4.1 Price', '4.3 Tax', '5.1 30\u79d2\u670d\u52a1\u6c34\u5e73']
    """
    read = read_contract(contract)
    said = Said(lang, read.file)
    blocks = [Block("title", said("title", name=read.file.name), level=1), Block("parties", said("parties"), level=2)]
    blocks += [Block("front", line) for line in front(read.file, said)]
    blocks += _numbered(_terms(read, read.file, said), "")
    before = read.file
    for day, file in read.versions[1:]:
        blocks += _changes(read, before, file, str(day), lang)
        before = file
    return blocks


def _terms(contract: Contract, file: ContractFile, said: Said) -> list[Term]:
    measures = kpi_terms(file, said, contract.catalogue)
    parts = (money_terms(file, said), measures, _list_terms(file, said), _pay_terms(file, said))
    terms = [term for part in parts for term in part]
    return sorted(terms, key=lambda term: _order(term.clause))


def _order(clause: str) -> list[tuple[int, str]]:
    """5.2 stands before 5.10."""
    return [(int(part), "") if part.isdigit() else (10**9, part) for part in re.split(r"[.\-]", clause)]


def _numbered(terms: list[Term], prefix: str) -> list[Block]:
    """Terms under the heading of their clause; several of one number share it."""
    blocks: list[Block] = []
    heading = None
    for term in terms:
        if term.clause != heading:
            heading = term.clause
            blocks.append(Block(f"{prefix}{term.clause}.heading", f"{term.clause} {term.title}", level=2))
        key = f"{prefix}{term.key}"
        blocks += [Block(key, said) if isinstance(said, str) else Block(key, rows=said) for said in term.says]
    return blocks


def _changes(contract: Contract, before: ContractFile, file: ContractFile, day: str, lang: str) -> list[Block]:
    """The clauses that read otherwise from a day on."""
    said = Said(lang, file)
    old = {term.key: term for term in _terms(contract, before, Said(lang, before))}
    terms = _terms(contract, file, said)
    changed = [term for term in terms if old.get(term.key) != term]
    kept = {term.key for term in terms}
    changed += [Term(t.clause, t.key, t.title, (said("changes_gone"),)) for t in old.values() if t.key not in kept]
    if not changed:
        return []
    head = [
        Block(f"{day}.title", said("changes_title", day=day), level=2), Block(f"{day}.says", said("changes", day=day))
    ]  # fmt: skip
    return head + _numbered(sorted(changed, key=lambda term: _order(term.clause)), f"{day}.")


# -- lists -------------------------------------------------------------------------------------------------


def _list_terms(file: ContractFile, said: Said) -> Iterator[Term]:
    """Lists of deductions, and additions."""
    for name, checklist in file.checklists.items():
        yield _checklist(name, checklist, said)
    if (additions := file.additions) is not None:
        heads = (said("item_clause"), said("item"), said("item_added"), said("item_most"))
        rows = [
            (i.clause, i.name or i.item, plain(i.each), plain(i.most) if i.most is not None else "")
            for i in additions.items
        ]
        says = (said("additions", cap=plain(additions.cap)), (heads, *rows))
        yield Term(additions.clause, "additions", said("additions_title"), says)


def _checklist(name: str, checklist: Checklist, said: Said) -> Term:
    heads = tuple(said(f"item{part}") for part in ("_clause", "", "_free", "_each", "_per", "_most"))
    rows = [
        (
            i.clause, i.name or i.item, str(i.free), plain(i.each), said.choice(i.per, "per"),
            plain(i.most) if i.most is not None else "",
        )
        for i in checklist.items
    ]  # fmt: skip
    says = (
        said("checklist"), said("weight", weight=share(checklist.weight)), (heads, *rows),
        said(f"missing_{checklist.missing}"),
    )  # fmt: skip
    return Term(checklist.clause, f"checklists.{name}", checklist.name or name, says)


# -- from scores to money ------------------------------------------------------------------------------------


def _pay_terms(file: ContractFile, said: Said) -> Iterator[Term]:
    pay = file.pay
    yield Term(pay.clause, "pay", said("pay_title"), tuple(_payment(pay, file, said)))
    if (risk := pay.at_risk) is not None:
        text = said("at_risk", share=share(risk.share_of_fee), pool=share(risk.pool))
        yield Term(risk.clause, "pay.at_risk", said("at_risk_title"), (text,))
    for i, streak in enumerate(pay.streaks):
        yield Term(streak.clause, f"pay.streaks.{i}", said("streaks_title"), (_streak(streak, file, said),))
    for i, cap in enumerate(pay.caps):
        kind, most = ("cap_month", cap.month) if cap.month is not None else ("cap_year", cap.year)
        assert most is not None
        yield Term(cap.clause, f"pay.caps.{i}", said("caps_title"), (said(kind, share=share(most)),))
    if (carry := pay.carry_forward) is not None:
        yield Term(carry.clause, "pay.carry_forward", said("carry_title"), (said("carry", months=carry.months),))
    if (earn := pay.earn_back) is not None:
        text = said("earn", months=earn.months, share=share(earn.share))
        yield Term(earn.clause, "pay.earn_back", said("earn_title"), (text,))
    if (ramp := pay.ramp_up) is not None:
        yield Term(ramp.clause, "pay.ramp_up", said("ramp_title"), (said("ramp", months=ramp.months),))
    yield from _ranks(file, said)


def _payment(pay: Pay, file: ContractFile, said: Said) -> Iterator[str | Rows]:
    for name in ("by_score", "by_points"):
        if rows := getattr(pay, name):
            yield said(name)
            yield said.bands(rows, said(f"{name}_head"))
    if pay.order:
        yield said("order", steps=said.listed([said.choice(step, "order") for step in pay.order]))
    mode = said.choice(pay.rounding.mode, "mode")
    yield said("rounding", to=pay.rounding.to.text, currency=said.currency, mode=mode)
    if pay.objection_days is not None:
        yield said("objection", days=pay.objection_days)


def _streak(streak: Streak, file: ContractFile, said: Said) -> str:
    size = ""
    if streak.share_of_fee is not None:
        size = said("size_share", share=share(streak.share_of_fee))
    elif streak.amount is not None:
        size = said("size_money", amount=said.money(streak.amount), currency=said.currency)
    values = {
        "when": said.condition(streak.when),
        "months": streak.months,
        "then": said(f"then_{streak.then}", size=size),
    }
    text = said("streak_row", **values) if streak.consecutive else said("streak_of", of=streak.of, **values)
    text = text[:1].upper() + text[1:]
    return text + (" " if said.lang == "en" else "") + said(f"streak_{streak.reset}")


def _ranks(file: ContractFile, said: Said) -> Iterator[Term]:
    if (league := file.league) is not None:
        rows = [(str(i), share(part)) for i, part in enumerate(league.shares, 1)]
        table = ((said("rank"), said("share")), *rows)
        says = (said("league"), table, said("ties", rule=said.choice(league.ties)))
        yield Term(league.clause, "league", said("league_title"), says)
    if (pool := file.bonus_pool) is not None:
        says_of: list[str | Rows] = []
        if pool.share is not None:
            says_of.append(said("pool_share", share=share(pool.share), of=pool.of))
        elif pool.amount is not None:
            says_of.append(said("pool_amount", amount=said.money(pool.amount), currency=said.currency))
        heads = (said("rank"), said("share"), said("pool_plus", currency=said.currency))
        prizes = [(str(i), share(p.share), said.money(p.plus) if p.plus else "") for i, p in enumerate(pool.ranks, 1)]
        says_of += [(heads, *prizes), said("pool_rest", share=share(pool.rest))]
        says_of.append(said("ties", rule=said.choice(pool.ties)))
        if pool.residual is not None:
            says_of.append(said("pool_residual", rule=said.choice(pool.residual)))
        yield Term(pool.clause, "bonus_pool", said("pool_title"), tuple(says_of))
