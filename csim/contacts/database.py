"""A log from PostgreSQL by query; the address of the database comes from the environment, never from a file."""

from __future__ import annotations

import os
import re

from csim.contacts.arrow import raw_of
from csim.contacts.raw import Raw
from csim.errors import InputError, Mistake

PREFIX = "postgresql:"
VARIABLE = "CSIM_DATABASE"


def is_database(path: object) -> bool:
    """
    Whether a log is named as a database.

    Examples:
        >>> is_database("postgresql:"), is_database("log.csv")
        (True, False)
    """
    return str(path).startswith((PREFIX, "postgres:"))


def refuse_address(path: object) -> None:
    """An address on the command line can be read by everybody on the machine, and stays in its history."""
    if str(path) != PREFIX:
        what = (
            f'write "{PREFIX}" alone, and the address into the environment: {VARIABLE}=postgresql://user@host/database'
        )
        raise InputError([Mistake(what, "", PREFIX)])


def read_query(query: str, variable: str = VARIABLE) -> Raw:
    """
    The rows that a query gives, in a transaction that can change nothing.

    Raises:
        InputError: No address in the environment, no server, or a query that the server refuses. The address is not
            in the message.
    """
    address = os.environ.get(variable)
    if not address:
        what = f"no address of a database: set {variable} in the environment (postgresql://user@host/database)"
        raise InputError([Mistake(what, variable)])
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        what = 'reading from PostgreSQL needs the extra "data": pip install "csim[data]"'
        raise InputError([Mistake(what, PREFIX)]) from None
    try:
        with dbapi.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(query)
            table = cursor.fetch_arrow_table()
    except Exception as error:  # the driver raises many kinds
        raise InputError([Mistake(f"the database says: {_without(address, str(error))}", PREFIX)]) from None
    return raw_of(table)


def _without(address: str, message: str) -> str:
    """What the server says, without the address and its password."""
    secrets = [address, *re.findall(r"://[^:/@]*:([^@]*)@", address), *re.findall(r"password=(\S+)", address)]
    for secret in secrets:
        message = message.replace(secret, "…")
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(lines)[:300]
