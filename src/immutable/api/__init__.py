"""HTTP only: decode, call one function, render. `routes.py` is the whole URL table."""
