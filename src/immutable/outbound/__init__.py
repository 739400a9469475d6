"""What leaves this host."""
