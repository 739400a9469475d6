"""What the server says of itself: metrics and logs. Never an event's content, never a secret."""
