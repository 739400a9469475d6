"""Checkpoints, dated outside our control: by time-stamping authorities, and on EVM chains."""
