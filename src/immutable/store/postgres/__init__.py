"""The store on PostgreSQL: any number of processes append to one log."""
