"""A room above the engine for the fault suite."""
