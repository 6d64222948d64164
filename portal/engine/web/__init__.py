"""The door of the engine that is no API: the canary's perch."""
