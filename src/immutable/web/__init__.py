"""The desk: what a person sees in the browser. It holds no data and no rights of its own; the API answers it."""
