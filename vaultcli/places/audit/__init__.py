"""A git repository looked at without believing it: used for the chart and for the psychotherapy notes alike."""
