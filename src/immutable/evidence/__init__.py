"""Evidence packs: what a log says about a case, with everything to check it offline, and links that share it for a while."""
