"""How many people it takes: the Erlang formulas that simulations are held against."""
