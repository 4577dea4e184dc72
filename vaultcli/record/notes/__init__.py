"""What stands in a chart's files: notes, register entries, additions, attachments, templates, signed blocks."""
