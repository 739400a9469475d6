"""The measurements behind every figure that the documentation claims; README.md says which file answers what."""
