"""What makes events a session: the summary kept at every append, inference, devices, the destructive rule, the timeline."""
