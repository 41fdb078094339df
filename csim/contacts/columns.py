"""The columns of a contact log and of agent states, for simulated and for real logs alike."""

from __future__ import annotations

from dataclasses import dataclass

OUTCOMES = ("answered", "abandoned", "blocked", "open")
STATES = ("ready", "serving", "wrap", "not_ready", "away", "offline")


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind (text, number, time, flag) and what it holds."""

    name: str
    kind: str
    what: str
    required: bool = False


CONTACTS = (
    Column("contact_id", "text", "identifies the contact", required=True),
    Column("customer_id", "text", "identifies the customer"),
    Column("direction", "text", "inbound or outbound"),
    Column("queue", "text", "the line it waited in", required=True),
    Column("channel", "text", "voice or chat"),
    Column("vendor", "text", "the vendor it was given to, or whose agent answered"),
    Column("group", "text", "the group of the agent who answered"),
    Column("agent", "text", "the agent who answered"),
    Column("arrival", "time", "instant it entered the queue, with zone", required=True),
    Column("assigned", "time", "instant an agent took it"),
    Column("wait_s", "number", "seconds from arrival to answer or leaving, to the microsecond", required=True),
    Column("talk_s", "number", "seconds from answer to end"),
    Column("after_work_s", "number", "seconds of after-work"),
    Column("session_s", "number", "a chat's time on the clock, s"),
    Column("focus_s", "number", "the agent's attention a chat took, s: its time ÷ contacts held"),
    Column("outcome", "text", "answered, abandoned, blocked or open", required=True),
    Column("answer_within_s", "number", "the promised answer time of its queue, s"),
    Column("quick_abandons", "text", "the queue's reading of service level"),
    Column("first_response_s", "number", "assignment to the first manual reply, s"),
    Column("mean_response_s", "number", "mean gap from customer's message to reply, s"),
    Column("reply_pairs", "number", "customer's message and reply, pairs"),
    Column("customer_messages", "number", "messages of the customer"),
    Column("agent_messages", "number", "manual messages of the agent"),
    Column("system_messages", "number", "automatic messages"),
    Column("ring_s", "number", "seconds of ringing"),
    Column("transferred_to", "text", "queue or agent it was handed to"),
    Column("transfer_reason", "text", "why it was handed on"),
    Column("agent_called_back", "flag", "the agent called the customer back"),
    Column("ticket_id", "text", "the ticket it belongs to"),
    Column("reopened", "flag", "the ticket was opened again"),
    Column("resolved", "flag", "the problem was solved"),
    Column("survey_invited", "flag", "a survey was sent"),
    Column("csat", "number", "the survey's score"),
    Column("qa_checked", "flag", "drawn for a quality check"),
    Column("qa_passed", "flag", "passed the quality check"),
    Column("replication", "number", "replication of a simulation"),
    Column("day", "number", "open day within the replication, from 1"),
)

AGENT_STATES = (
    Column("agent", "text", "the agent", required=True),
    Column("group", "text", "its group"),
    Column("vendor", "text", "its vendor"),
    Column("state", "text", "ready, serving, wrap, not_ready, away or offline", required=True),
    Column("chats_held", "number", "chats open at the time"),
    Column("slots_held", "number", "contacts held, after-work included"),
    Column("slots", "number", "contacts the agent may hold at once"),
    Column("from", "time", "the state begins", required=True),
    Column("to", "time", "the state ends", required=True),
    Column("replication", "number", "replication of a simulation"),
    Column("day", "number", "open day within the replication, from 1"),
)
