"""Floor 3: the sealed psychotherapy notes; nothing that discloses or exports the chart imports this folder."""
