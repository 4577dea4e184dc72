"""What has to show of the psychotherapy notes, by the real commands in homes of their own."""
