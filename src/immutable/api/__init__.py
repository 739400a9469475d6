"""HTTP only: decode, call one function, render. `routes.py` is the whole URL table, made of the three beside it."""
