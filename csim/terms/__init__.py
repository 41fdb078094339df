"""What the terms make happen: how reliably clauses judge, and what a vendor does who reads them."""
