"""Named reads of the engine."""
