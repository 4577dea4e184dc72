"""What opens the sealed notes: the clinician's identity, the epoch, and the agent that keeps them for a while."""
