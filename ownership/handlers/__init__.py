"""What the engine calls: jobs, deadlines and events of this room."""
